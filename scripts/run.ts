/** What `scripts/run` does: build, choose the runtime, start the daemon, and perhaps ask once. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readNpu } from '../src/board/index.ts';
import { type Config, ConfigError, readConfig } from '../src/config/index.ts';
import { ApplianceError } from '../src/errors.ts';
import { findRuntime } from '../src/rkllm/index.ts';
import { buildDaemon } from './build.ts';
import { ask } from './lib/ask.ts';
import { DaemonProcess } from './lib/daemon-process.ts';

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
const simulatorAbi = '1.3.1';
const demoModel = 'demo.rkllm';

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
  const config = readConfig(ownEnvironment);
  // Before the build: what is missing is told at once.
  const library = await chooseLibrary(config);
  await buildDaemon();
  if (library.simulator) await placeDemoModel(config.models);
  const environment = { ...ownEnvironment, RKLLM_LIB: library.path };
  if (values.ask === undefined) await serve(environment);
  else await askOnce(environment, values.ask, library.simulator ? demoModel : undefined);
}

/** What went wrong, without a stack where it is the user's to mend. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForUsers =
    error instanceof ConfigError ||
    error instanceof ApplianceError ||
    String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS');
  return isForUsers ? error.message : (error.stack ?? error.message);
}

async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const daemon = new DaemonProcess(env, process.stdout);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => daemon.stop());
  // A daemon that cannot start has said why.
  const url = await daemon.ready.catch(() => null);
  if (url !== null) process.stdout.write(nextSteps(url, (await models(url))[0] ?? demoModel));
  process.exitCode = await daemon.exited;
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
  try {
    await ask(await daemon.ready, text, process.stdout, preferred);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    daemon.stop();
    await daemon.exited;
  }
}

async function chooseLibrary({
  runtimeLibrary,
  home,
  runtimeAbi,
}: Config): Promise<{ path: string; simulator: boolean }> {
  const loaderPath = process.env['LD_LIBRARY_PATH'];
  if (runtimeLibrary !== undefined) {
    return findRuntime({ path: runtimeLibrary, abiOverride: runtimeAbi });
  }
  if ((await readNpu()).present) {
    const found = await findRuntime({ home, loaderPath, abiOverride: runtimeAbi }).catch(
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
      },
    );
    if (found) return found;
  }
  process.stderr.write(
    'No NPU with librkllmrt.so here: using the simulator and a demonstration model.\n',
  );
  return buildSimulator();
}

async function buildSimulator(): Promise<{ path: string; simulator: boolean }> {
  const path = join('build', 'simulator', `librkllmrt-${simulatorAbi}.so`);
  await mkdir(join('build', 'simulator'), { recursive: true });
  must('scripts/simulator', ['--abi', simulatorAbi, '--out', path]);
  return { path, simulator: true };
}

async function placeDemoModel(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).includes(demoModel)) return;
  const path = join(folder, demoModel);
  must(process.execPath, ['simulator/make-model.ts', '--out', path]);
  // It was renamed into place whole: nobody has to wait and see whether it grows.
  const aMinuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, aMinuteAgo, aMinuteAgo);
}

function must(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
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
