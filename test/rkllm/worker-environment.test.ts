import { describe, expect, it } from 'vitest';
import { workerEnvironment } from '../../src/rkllm/worker-environment.ts';

describe("a worker's environment", () => {
  it('has what the library and the loader read', () => {
    const passed = {
      PATH: '/usr/bin',
      HOME: '/home/rkllama',
      LANG: 'C.UTF-8',
      LC_ALL: 'C',
      TZ: 'UTC',
      TMPDIR: '/tmp',
      LD_LIBRARY_PATH: '/opt/lib',
      RKNN_LOG_LEVEL: '0',
      RKLLM_SIM_DECODE_MS: '5',
      OMP_NUM_THREADS: '4',
    };
    expect(workerEnvironment(passed, 0)).toEqual({ ...passed, RKLLM_LOG_LEVEL: '0' });
  });

  it.each([
    'HF_TOKEN',
    'HUGGING_FACE_HUB_TOKEN',
    'RKLLAMA_API_KEYS',
    'RKLLAMA_HF_TOKEN',
    'RKLLM_LIB',
    'NODE_OPTIONS',
    'NOTIFY_SOCKET',
    'AWS_SECRET_ACCESS_KEY',
    'HTTPS_PROXY',
    'PATHS',
  ])('never has %s', (name) => {
    expect(workerEnvironment({ [name]: 'secret' }, 0)).toEqual({ RKLLM_LOG_LEVEL: '0' });
  });

  it.each([0, 1] as const)(
    'has log level %i whatever the daemon has, since 2 prints prompts',
    (level) => {
      const environment = workerEnvironment({ RKLLM_LOG_LEVEL: '2', RKLLM_DUMP_LEVEL: '1' }, level);
      expect(environment).toEqual({ RKLLM_LOG_LEVEL: String(level) });
    },
  );
});
