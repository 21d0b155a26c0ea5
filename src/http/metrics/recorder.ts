import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import type { GenerationEvent } from '../../engine/index.ts';
import type { HttpServices, PrefixStatistics } from '../services.ts';

type DoneEvent = Extract<GenerationEvent, { type: 'done' }>;
type Sources = Pick<HttpServices, 'engine' | 'puller' | 'runtime'>;

const prefix = 'rkllamad_';
/** From a prompt that is all in the KV cache to a long one on a slow board. */
const firstTokenSeconds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const tokensPerSecond = [1, 2, 4, 6, 8, 10, 12, 15, 20, 30, 50, 100];
const loadSeconds = [1, 2, 5, 10, 20, 50, 100, 200];

const prefixTotals: Record<string, [help: string, read: (from: PrefixStatistics) => number]> = {
  prompt_tokens: ['Tokens of all prompts', (from) => from.promptTokens],
  tokens_from_memory: ['Of these, found in the KV cache', (from) => from.tokensFromMemory],
  tokens_from_files: ['Of these, found in files', (from) => from.tokensFromFiles],
  hits: ['Prompts for which a file was of use', (from) => from.hits],
  misses: ['Prompts of which nothing was known', (from) => from.misses],
  saves: ['Files that were written', (from) => from.saves],
  evictions: ['Files that were given up to make room', (from) => from.evictions],
  failures: ['Files that could not be written or loaded', (from) => from.failures],
};

/** Everything that is counted, from the moment of its making on. */
export class Recorder {
  readonly #registry = new Registry();
  readonly #sources: Sources;
  readonly #requests = this.#counter('http_requests_total', 'Requests that are over', [
    'method',
    'route',
    'status',
  ]);
  readonly #generated = this.#counter('tokens_generated_total', 'Tokens of answers', ['model']);
  readonly #prefilled = this.#counter(
    'tokens_prefilled_total',
    'Prompt tokens that the NPU computed',
    ['model'],
  );
  readonly #cached = this.#counter(
    'tokens_cached_total',
    'Prompt tokens that were found in the KV cache',
    ['model'],
  );
  readonly #failures = this.#counter(
    'generation_failures_total',
    'Answers that failed, by the code of the error; runtime_crashed is a crash',
    ['code'],
  );
  readonly #firstToken = this.#histogram(
    'time_to_first_token_seconds',
    'From the request to its first token: queue, load and prefill together',
    firstTokenSeconds,
  );
  readonly #decodeSpeed = this.#histogram(
    'decode_tokens_per_second',
    'Speed of each answer after its prompt',
    tokensPerSecond,
  );
  readonly #loads = this.#histogram(
    'load_seconds',
    'Loads of models that a request waited for',
    loadSeconds,
  );

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#gauges();
  }

  request(method: string, route: string, status: number): void {
    this.#requests.inc({ method, route, status });
  }

  firstToken(model: string, seconds: number): void {
    this.#firstToken.observe({ model }, seconds);
  }

  done(model: string, { usage, timings }: DoneEvent): void {
    const { promptTokens, cachedTokens, completionTokens } = usage;
    this.#generated.inc({ model }, completionTokens);
    if (promptTokens !== null) {
      this.#prefilled.inc({ model }, Math.max(0, promptTokens - (cachedTokens ?? 0)));
    }
    if (cachedTokens !== null) this.#cached.inc({ model }, cachedTokens);
    if (timings.decodeMs !== null && timings.decodeMs > 0) {
      this.#decodeSpeed.observe({ model }, (completionTokens * 1000) / timings.decodeMs);
    }
    if (timings.loadMs >= 1) this.load(model, timings.loadMs / 1000);
  }

  load(model: string, seconds: number): void {
    this.#loads.observe({ model }, seconds);
  }

  failure(code: string): void {
    this.#failures.inc({ code });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** What is read when it is asked for. */
  #gauges(): void {
    const { engine, puller, runtime } = this.#sources;
    this.#gauge('queue_length', 'Requests that wait for the NPU', () => engine.queued().length);
    this.#gauge('models_loaded', 'Models in memory', () => engine.loaded().length);
    this.#gauge(
      'models_crashed',
      'Models whose worker died and is started again by the next request',
      () => engine.loaded().filter(({ state }) => state === 'crashed').length,
    );
    this.#gauge(
      'pulls_running',
      'Downloads of models under way',
      () =>
        puller.pulls().filter(({ state }) => state === 'running' || state === 'verifying').length,
    );
    this.#gauge('simulator', '1: no NPU answers, but the simulator of one', () =>
      runtime()?.simulator ? 1 : 0,
    );
    this.#gauge('resident_memory_bytes', 'Memory of the daemon without its models', () =>
      process.memoryUsage.rss(),
    );
    this.#gauge(
      'prefix_store_entries',
      'Prompt prefixes on disk',
      () => engine.prefixStats().entries,
    );
    this.#gauge('prefix_store_bytes', 'What they take', () => engine.prefixStats().bytes);
    for (const [name, [help, read]] of Object.entries(prefixTotals)) {
      this.#total(`prefix_${name}_total`, help, () => read(engine.prefixStats()));
    }
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: prefix + name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram<'model'> {
    const registers = [this.#registry];
    return new Histogram({ name: prefix + name, help, buckets, labelNames: ['model'], registers });
  }

  /** A counter that somebody else counts, since the daemon's start. */
  #total(name: string, help: string, read: () => number): void {
    new Counter({
      name: prefix + name,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: prefix + name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
