/** A board whose folders outlive its daemon: models with their tokenizer, and the cache of prompts. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ModelFileSpec, writeModelFile } from '../../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../../simulator/tokenizer-json.ts';
import {
  type ChatMessage,
  Engine,
  type EngineOptions,
  type GenerationEvent,
  type GenerationRequest,
  type Logger,
} from '../../../src/engine/index.ts';
import { Costs } from '../../../src/engine/prefix/costs.ts';
import { Catalogue } from '../../../src/library/index.ts';
import { findRuntime } from '../../../src/rkllm/index.ts';

export const spec: ModelFileSpec = {
  text: 'the quick brown fox jumps over the lazy dog and says hello to you, turn after turn',
  vocabSize: 700,
  script: [{ when: '', echo: true }],
};

export interface BoardOptions {
  /** What saving and loading cost is measured, as on a real board. */
  learns?: boolean;
  /** The runtime, built by `buildSimulator`. */
  library: string;
  /** `RKLLM_SIM_...` of the workers. */
  simulator?: Record<string, string>;
}

/**
 * A board on which a token takes a millisecond and a file next to nothing, however busy the machine
 * is that runs the test.
 */
class FixedCosts extends Costs {
  override get knowsSaving() {
    return true;
  }
  override prefillMs(tokens: number) {
    return tokens;
  }
  override bytes(tokens: number) {
    return tokens * 4;
  }
  override saveMs() {
    return 1;
  }
  override writeMs() {
    return 1;
  }
  override loadMs(bytes: number) {
    return bytes / 1e5;
  }
}

type Done = Extract<GenerationEvent, { type: 'done' }>;

export class PrefixBoard implements AsyncDisposable {
  readonly home: string;
  #options: BoardOptions;

  private constructor(home: string, options: BoardOptions) {
    this.home = home;
    this.#options = options;
  }

  static async create(options: BoardOptions): Promise<PrefixBoard> {
    const home = await mkdtemp(join(tmpdir(), 'rkllamad-prefix-'));
    const board = new PrefixBoard(home, options);
    await mkdir(join(home, 'models', 'm'), { recursive: true });
    await board.writeModel(spec);
    return board;
  }

  /** A board that another process has made. */
  static at(home: string, options: BoardOptions): PrefixBoard {
    return new PrefixBoard(home, options);
  }

  get cache(): string {
    return join(this.home, 'cache');
  }

  get modelPath(): string {
    return join(this.home, 'models', 'm', 'm.rkllm');
  }

  async writeModel(model: ModelFileSpec): Promise<void> {
    await writeModelFile(this.modelPath, model);
    // The catalogue takes an old file as whole at first sight.
    await utimes(this.modelPath, 0, 0);
    const folder = join(this.home, 'models', 'm');
    await writeFile(join(folder, 'tokenizer.json'), tokenizerJson(model));
    await writeFile(join(folder, 'tokenizer_config.json'), tokenizerConfigJson(model));
  }

  async addAdapter(name: string): Promise<void> {
    const path = join(this.home, 'models', 'm', `${name}.rkllm`);
    await writeModelFile(path, { ...spec, kind: 'lora' });
    await utimes(path, 0, 0);
  }

  replaceRuntime(library: string): void {
    this.#options = { ...this.#options, library };
  }

  /** Puts something else of the same length in its place. */
  async overwrite(file: string): Promise<void> {
    await writeFile(file, Buffer.alloc((await stat(file)).size, 'x'));
  }

  async start(options: Partial<EngineOptions> = {}): Promise<Running> {
    return Running.start(this, this.#options, options);
  }

  /** Files of the cache with this ending. */
  async files(ending: string): Promise<string[]> {
    const names = await readdir(this.cache, { recursive: true }).catch(() => []);
    return names.filter((name) => name.endsWith(ending)).map((name) => join(this.cache, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

/** One life of the daemon's engine on a board. */
export class Running implements AsyncDisposable {
  readonly engine: Engine;
  readonly log: string[];
  readonly #catalogue: Catalogue;
  readonly #calls: string;

  private constructor(engine: Engine, catalogue: Catalogue, log: string[], calls: string) {
    this.engine = engine;
    this.log = log;
    this.#catalogue = catalogue;
    this.#calls = calls;
  }

  static async start(
    board: PrefixBoard,
    { library, simulator, learns = false }: BoardOptions,
    options: Partial<EngineOptions>,
  ): Promise<Running> {
    const catalogue = new Catalogue({ folder: join(board.home, 'models') });
    await catalogue.start();
    const log: string[] = [];
    const calls = join(board.home, 'calls');
    const engine = new Engine({
      catalogue,
      runtime: () => findRuntime({ path: library }),
      queueLimit: 100,
      parallel: 1,
      pinned: [],
      keepAliveMs: Number.POSITIVE_INFINITY,
      availableBytes: async () => null,
      log: collector(log),
      settings: {
        contextLength: 2048,
        cpus: { count: 4, mask: 0xf0 },
        embedFlash: true,
        environment: {
          PATH: process.env['PATH'],
          RKLLM_SIM_CALLS: calls,
          // Where prefill costs nothing, nothing pays.
          RKLLM_SIM_PREFILL_MS: '1',
          ...simulator,
        },
      },
      ...options,
      prefixes: {
        folder: board.cache,
        budgetBytes: 1 << 30,
        ...options.prefixes,
        ...(!learns && { costs: new FixedCosts() }),
      },
    });
    await engine.start();
    return new Running(engine, catalogue, log, calls);
  }

  /** The whole answer, and what the last event says. */
  async ask(
    messages: ChatMessage[],
    more: Partial<GenerationRequest> = {},
  ): Promise<{ text: string } & Done> {
    const request = { model: 'm', messages, sampling: { temperature: 0.25 }, ...more };
    const { events } = await this.engine.generate(
      request as GenerationRequest,
      new AbortController().signal,
    );
    let text = '';
    for await (const batch of events) {
      for (const event of batch) {
        if (event.type === 'text') text += event.text;
        if (event.type === 'done') return { text, ...event };
      }
    }
    throw new Error('the answer had no end');
  }

  /** Prompt tokens that were computed for a question. */
  async computed(messages: ChatMessage[], more: Partial<GenerationRequest> = {}): Promise<number> {
    const { usage } = await this.ask(messages, more);
    return (usage.promptTokens ?? Number.NaN) - (usage.cachedTokens ?? Number.NaN);
  }

  /** Resolves when so many files have been saved since the start, or the time is up. */
  async saved(count: number, withinMs = 15_000): Promise<number> {
    const end = performance.now() + withinMs;
    while (this.engine.prefixStats().saves < count && performance.now() < end) await sleep(20);
    return this.engine.prefixStats().saves;
  }

  /** How often a function of the runtime was called on this board. */
  async calls(name: string): Promise<number> {
    const lines = await readFile(this.#calls, 'utf8').catch(() => '');
    return lines.split('\n').filter((line) => line.includes(`"function":"${name}"`)).length;
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    await this.#catalogue.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export const system = (content: string): ChatMessage => ({ role: 'system', content });
export const user = (content: string): ChatMessage => ({ role: 'user', content });
export const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

/** A text of about so many tokens that no other seed has. */
export function longText(seed: string, words: number): string {
  return Array.from({ length: words }, (_, index) => `${seed}${index}`).join(' ');
}

/** What an engine that is to be killed asks. */
export function questionOf(name: string, question: number): string {
  return longText(`${name}${question}`, 25);
}

const nothing = () => {};
export const silent: Logger = {
  child: () => silent,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

function collector(lines: string[]): Logger {
  const write = (fieldsOrMessage: object | string, message?: string) => {
    lines.push(
      typeof fieldsOrMessage === 'string'
        ? fieldsOrMessage
        : `${message} ${Reflect.get(fieldsOrMessage, 'err') ?? ''}`,
    );
  };
  const log: Logger = { child: () => log, debug() {}, info() {}, warn: write, error: write };
  return log;
}
