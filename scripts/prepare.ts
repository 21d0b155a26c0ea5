/** What `scripts/run` needs before it starts the daemon: the build, a runtime, perhaps a model. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readNpu } from '../src/board/index.ts';
import { type Config, ConfigError, readConfig } from '../src/config/index.ts';
import { ApplianceError } from '../src/errors.ts';
import { findRuntime } from '../src/rkllm/index.ts';
import { buildDaemon } from './build.ts';
import { demoModel, type Prepared } from './lib/prepared.ts';

const simulatorAbi = '1.3.1';

await main().catch((error: unknown) => {
  process.stderr.write(`scripts/run: ${words(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // Before the build: what is missing is told at once.
  const library = await chooseLibrary(config);
  await buildDaemon();
  const placed = library.simulator ? await placeDemoModel(config.models) : null;
  const prepared: Prepared = { library: library.path, isSimulator: library.simulator, placed };
  process.stdout.write(JSON.stringify(prepared));
}

/** What went wrong, without a stack where it is the user's to mend. */
function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForUsers = error instanceof ConfigError || error instanceof ApplianceError;
  return isForUsers ? error.message : (error.stack ?? error.message);
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

/** Its path; null where it was there already. */
async function placeDemoModel(folder: string): Promise<string | null> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).includes(demoModel)) return null;
  const path = join(folder, demoModel);
  must(process.execPath, ['simulator/make-model.ts', '--out', path]);
  // It was renamed into place whole: nobody has to wait and see whether it grows.
  const aMinuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, aMinuteAgo, aMinuteAgo);
  return path;
}

function must(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}
