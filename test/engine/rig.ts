import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ModelFileSpec, writeModelFile } from '../../simulator/model-file.ts';
import {
  Engine,
  type EngineOptions,
  type Generation,
  type GenerationEvent,
  type GenerationRequest,
  type Logger,
} from '../../src/engine/index.ts';
import { Catalogue, type Model } from '../../src/library/index.ts';
import { findRuntime } from '../../src/rkllm/index.ts';

interface RigOptions extends Partial<Omit<EngineOptions, 'settings'>> {
  /** The runtime, built by `buildSimulator`. */
  library: string;
  /** Models in the folder, by file name; default one, that answers as `script` says. */
  models?: Record<string, ModelFileSpec>;
  /** Modelfiles beside them. */
  modelfiles?: Record<string, string>;
  /** `RKLLM_SIM_...` of the workers. */
  simulator?: Record<string, string>;
  contextLength?: number;
  /** SoC of the board. */
  platform?: string;
}

/** One call of the library, as the simulator wrote it down. */
export interface Call {
  function: string;
  args: Record<string, unknown>;
  pid: number;
  started_ms: number;
  ms: number;
}

/** One callback; `state` 0 and 1 bring a token. */
export interface Callback {
  state: number;
  results: { token_id: number; text: string | null }[] | null;
  ms: number;
}

/** What the models of the tests answer. */
const script: NonNullable<ModelFileSpec['script']> = [
  { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
  { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
  { when: '', echo: true },
];
const small: ModelFileSpec = { text: 'the quick brown fox', vocabSize: 400, script };

/** An engine over real files, real worker processes and the simulator; gone at the end of the `using` block. */
export class Rig implements AsyncDisposable {
  readonly engine: Engine;
  /** Warnings and errors that it logged. */
  readonly log: string[];
  readonly #home: string;
  readonly #catalogue: Catalogue;

  private constructor(home: string, catalogue: Catalogue, engine: Engine, log: string[]) {
    this.#home = home;
    this.#catalogue = catalogue;
    this.engine = engine;
    this.log = log;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { library, models = { 'model.rkllm': {} }, simulator, contextLength, platform } = options;
    const home = await mkdtemp(join(tmpdir(), 'rkllamad-engine-'));
    const folder = join(home, 'models');
    await mkdir(folder);
    for (const [file, spec] of Object.entries(models)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeModelFile(join(folder, file), { ...small, ...spec });
      // The catalogue takes an old file as whole at first sight.
      await utimes(join(folder, file), 0, 0);
    }
    for (const [file, text] of Object.entries(options.modelfiles ?? {})) {
      await writeFile(join(folder, file), text);
    }
    const catalogue = new Catalogue({ folder, board: () => ({ platform: platform ?? null }) });
    await catalogue.start();
    const log: string[] = [];
    const engine = new Engine({
      catalogue,
      runtime: () => findRuntime({ path: library }),
      queueLimit: 100,
      parallel: 1,
      pinned: [],
      keepAliveMs: Number.POSITIVE_INFINITY,
      availableBytes: async () => null,
      log: collector(log),
      ...options,
      settings: {
        contextLength: contextLength ?? 512,
        cpus: { count: 4, mask: 0xf0 },
        embedFlash: true,
        environment: {
          PATH: process.env['PATH'],
          RKLLM_SIM_CALLS: join(home, 'calls'),
          ...simulator,
        },
      },
    });
    return new Rig(home, catalogue, engine, log);
  }

  /** Calls of the library that have returned, oldest first. */
  async calls(name: string): Promise<Call[]> {
    const lines = await readFile(join(this.#home, 'calls'), 'utf8').catch(() => '');
    const calls: Call[] = lines.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
    return calls.filter((call) => call.function === name);
  }

  /** What the library called back, oldest first; needs RKLLM_SIM_CALLS_CALLBACKS. */
  async callbacks(): Promise<Callback[]> {
    const lines = await readFile(join(this.#home, 'calls'), 'utf8').catch(() => '');
    return lines
      .split('\n')
      .filter((line) => line.startsWith('{"event":"callback"'))
      .map((line) => JSON.parse(line));
  }

  /** Texts that went into the library, as it received them. */
  async prompts(): Promise<unknown[]> {
    const runs = await this.calls('rkllm_run');
    return runs.map(({ args }) => Reflect.get(Object(args['input']), 'prompt_input'));
  }

  /** Queues a question of one user turn, or a whole request. */
  generate(
    question: string | GenerationRequest,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Generation> {
    return this.engine.generate(typeof question === 'string' ? asking(question) : question, signal);
  }

  /** The whole answer. */
  find(name: string): Model {
    return this.#catalogue.find(name);
  }

  async ask(question: string | GenerationRequest, signal?: AbortSignal): Promise<Answer> {
    return collect(await this.generate(question, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.stop();
    await this.#catalogue.stop();
    await rm(this.#home, { recursive: true, force: true });
  }
}

export function asking(content: string): GenerationRequest {
  return { messages: [{ role: 'user', content }] };
}

type Done = Extract<GenerationEvent, { type: 'done' }>;
type Answer = { text: string } & Partial<Done>;

export async function collect({ events }: Generation): Promise<Answer> {
  let answer: Answer = { text: '' };
  for await (const event of flat(events)) {
    if (event.type === 'text') answer.text += event.text;
    else if (event.type === 'done') answer = { ...answer, ...event };
  }
  return answer;
}

async function* flat<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/** True while the process lives. */
export function isAlive(pid: number | null | undefined): boolean {
  if (!pid) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function collector(lines: string[]): Logger {
  const write = (fieldsOrMessage: object | string, message?: string) => {
    lines.push(typeof fieldsOrMessage === 'string' ? fieldsOrMessage : (message ?? ''));
  };
  const log: Logger = { child: () => log, debug() {}, info() {}, warn: write, error: write };
  return log;
}
