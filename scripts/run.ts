/** What `scripts/run` does: prepare in another process, start the daemon, and perhaps ask once. */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DaemonProcess } from './lib/daemon-process.ts';
import { demoModel, type Prepared } from './lib/prepared.ts';

const usage = `scripts/run [--ask TEXT]

Builds rkllamad and starts it in the foreground.

  --ask TEXT   ask once over HTTP, print the answer, stop the daemon

  RKLLAMA_HOST, RKLLAMA_PORT   where it listens (127.0.0.1:8080)
  RKLLAMA_MODELS               the models folder (~/RKLLAMA/models)
  RKLLM_LIB                    the runtime library to use, whatever the machine
  RKLLAMA_CONFIG               a configuration file (none)

Without RKLLM_LIB, Rockchip's librkllmrt.so is used on a board with an NPU, and the simulator with a
demonstration model everywhere else.
`;

/** Not the configuration of a package that is installed on the same machine. */
const ownEnvironment = { RKLLAMA_CONFIG: '/dev/null', ...process.env };

await main().catch((error: unknown) => {
  process.stderr.write(`scripts/run: ${words(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { ask: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const { library, isSimulator, placed } = prepare();
  const environment = { ...ownEnvironment, RKLLM_LIB: library };
  try {
    if (values.ask === undefined) await serve(environment);
    else await askOnce(environment, values.ask, isSimulator ? demoModel : undefined);
  } finally {
    // On a board, its folder is that of real models.
    if (placed !== null) await rm(placed, { force: true });
  }
}

/** In a process of its own: this one stays as long as the daemon, and shall be small. */
function prepare(): Prepared {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/prepare.ts'], {
    env: ownEnvironment,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout);
}

/** What went wrong, without a stack where it is the user's to mend. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForUsers = String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS');
  return isForUsers ? error.message : (error.stack ?? error.message);
}

async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const daemon = new DaemonProcess(env, process.stdout);
  stopsWithUs(daemon);
  // A daemon that cannot start has said why.
  const url = await daemon.ready.catch(() => null);
  if (url !== null) process.stdout.write(nextSteps(url, (await models(url))[0] ?? demoModel));
  process.exitCode = await daemon.exited;
}

/** SIGHUP: the terminal has closed. */
function stopsWithUs(daemon: DaemonProcess): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => daemon.stop());
  }
}

/** Takes a free port unless one is named, so that it works beside a daemon that runs. */
async function askOnce(
  env: NodeJS.ProcessEnv,
  text: string,
  preferred: string | undefined,
): Promise<void> {
  const daemon = new DaemonProcess(
    {
      ...env,
      RKLLAMA_PORT: env['RKLLAMA_PORT'] ?? '0',
      RKLLAMA_LOG_LEVEL: env['RKLLAMA_LOG_LEVEL'] ?? 'warn',
    },
    process.stderr,
  );
  stopsWithUs(daemon);
  try {
    const { ask } = await import('./lib/ask.ts');
    await ask(await daemon.ready, text, process.stdout, preferred);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    daemon.stop();
    await daemon.exited;
  }
}

async function models(url: string): Promise<string[]> {
  const response = await fetch(new URL('/models', url));
  const body: unknown = await response.json();
  const list: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'models') : [];
  return Array.isArray(list) ? list.map(String) : [];
}

function nextSteps(url: string, model: string): string {
  const json = `-H 'Content-Type: application/json'`;
  return `
rkllamad answers on ${url}. In another terminal:

  curl ${url}/models
  curl ${url}/load_model ${json} -d '{"model_name": "${model}"}'
  curl -N ${url}/generate ${json} -d '{"messages": "What can you do?", "stream": true}'
  curl -X POST ${url}/unload_model

Ctrl-C stops it.
`;
}
