const passed = new Set(['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR']);
const passedPrefixes = ['LD_', 'LC_', 'RKLLM_SIM_', 'RKNN_', 'LIBGL_', 'OMP_', 'ASAN_', 'TSAN_'];

/**
 * Variables of a worker: nothing secret. The runtime's log level is ours, because from 2 on it
 * prints prompts; 1 prints the counters table.
 */
export function workerEnvironment(daemon: NodeJS.ProcessEnv, logLevel: 0 | 1): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { RKLLM_LOG_LEVEL: String(logLevel) };
  for (const [name, value] of Object.entries(daemon)) {
    if (passed.has(name) || passedPrefixes.some((prefix) => name.startsWith(prefix))) {
      environment[name] = value;
    }
  }
  return environment;
}
