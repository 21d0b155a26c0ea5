import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ModelFileSpec, writeModelFile } from '../../simulator/model-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const logTail = 20;

interface BoardOptions {
  /** The runtime, built by `buildSimulator`. */
  library: string;
  /** Models that are in the folder before the daemon starts, by file name. */
  models: Record<string, ModelFileSpec>;
  /** More environment variables of the daemon (`RKLLM_SIM_...`). */
  environment?: NodeJS.ProcessEnv;
}

/** Compiles the simulator of the RKLLM runtime with one version's ABI; returns its path. */
export async function buildSimulator(abi: string, folder: string): Promise<string> {
  const library = join(folder, `librkllmrt-${abi}.so`);
  await promisify(execFile)(join(root, 'scripts/simulator'), ['--abi', abi, '--out', library]);
  return library;
}

/** Path of the simulator with one version's ABI: compiled once for its sources, whichever test asks first. */
export async function simulator(abi: string): Promise<string> {
  const folder = join(root, 'build/simulators', await digestOfSources());
  const library = join(folder, `librkllmrt-${abi}.so`);
  if (existsSync(library)) return library;
  await mkdir(folder, { recursive: true });
  return buildSimulator(abi, folder);
}

async function digestOfSources(): Promise<string> {
  const sources = join(root, 'simulator/src');
  const files = (await readdir(sources)).sort().map((file) => join(sources, file));
  const digest = createHash('sha256');
  for (const file of [join(root, 'scripts/simulator'), ...files])
    digest.update(await readFile(file));
  return digest.digest('hex').slice(0, 16);
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'rkllamad-e2e-'));
}

/** The real daemon as a process of its own, on an empty HOME, with the simulator as its NPU. */
export class Board {
  readonly home: string;
  readonly url: string;
  /** Everything that the daemon has written so far. */
  readonly log: readonly string[];
  readonly #daemon: ChildProcess;

  private constructor(home: string, url: string, daemon: ChildProcess, log: readonly string[]) {
    this.home = home;
    this.log = log;
    this.url = url;
    this.#daemon = daemon;
  }

  static async start({ library, models, environment }: BoardOptions): Promise<Board> {
    const home = await temporaryFolder();
    const folder = modelsIn(home);
    await mkdir(folder, { recursive: true });
    for (const [file, spec] of Object.entries(models)) {
      await writeModelFile(join(folder, file), spec);
      // The catalogue takes an old file as whole at first sight.
      await utimes(join(folder, file), 0, 0);
    }
    const daemon = spawn(process.execPath, [join(root, 'src/daemon.ts')], {
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        RKLLAMA_CONFIG: '/dev/null',
        RKLLAMA_PORT: '0',
        RKLLM_LIB: library,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log: string[] = [];
    const board = new Board(home, await ready(daemon, log), daemon, log);
    await board.#listed(Object.keys(models));
    return board;
  }

  get modelsFolder(): string {
    return modelsIn(this.home);
  }

  get pid(): number {
    return this.#daemon.pid ?? 0;
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path);
  }

  post(path: string, body?: object, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  }

  async models(): Promise<unknown> {
    return (await this.get('/models')).json();
  }

  /** Process ids of the workers that hold models. */
  async workers(): Promise<number[]> {
    const children = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  }

  /** Asks it to end as systemd would; resolves with its exit code. */
  async terminate(): Promise<number | null> {
    if (this.#daemon.exitCode === null) {
      this.#daemon.kill('SIGTERM');
      await once(this.#daemon, 'exit');
    }
    return this.#daemon.exitCode;
  }

  async stop(): Promise<void> {
    await this.terminate();
    await rm(this.home, { recursive: true, force: true });
  }

  /** The catalogue lists a file when it has stopped growing. */
  async #listed(names: readonly string[]): Promise<void> {
    for (;;) {
      const listed = JSON.stringify(await this.models());
      if (names.every((name) => listed.includes(JSON.stringify(name)))) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function modelsIn(home: string): string {
  return join(home, 'RKLLAMA', 'models');
}

/** The daemon's URL; rejects with the end of its log when it does not come up. Fills `log`. */
function ready(daemon: ChildProcess, log: string[]): Promise<string> {
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  }
  return new Promise((resolve, reject) => {
    daemon.once('message', (url) => resolve(String(url)));
    daemon.once('exit', () =>
      reject(new Error(`The daemon ended:\n${log.slice(-logTail).join('')}`)),
    );
  });
}
