/** Runs every assertion against one model on one runtime, as the daemon would. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../../library/index.ts';
import type { LogRecord, ModelFacts, RuntimeLibrary } from '../../rkllm/index.ts';
import { type Assertion, type Bench, Broken, type Measured, NotTested } from './assertion.ts';
import { assertions } from './assertions/index.ts';
import { Subject } from './subject.ts';

export interface Result {
  id: string;
  title: string;
  verdict: 'pass' | 'fail' | 'skipped';
  /** What is wrong, or why it was skipped; null for what passes. */
  words: string | null;
  measured: Measured;
}

export interface Outcome {
  results: readonly Result[];
  /** What the runtime said of itself, the board and the model. */
  facts: ModelFacts;
}

export interface SelftestOptions {
  library: RuntimeLibrary;
  model: Model;
  environment: NodeJS.ProcessEnv;
  patienceMs: number;
  loadPatienceMs: number;
  neededBytes: number;
  availableBytes: () => Promise<number | null>;
  signal: AbortSignal;
  onResult: (result: Result) => void;
  log: (record: LogRecord) => void;
}

/** One IOMMU domain reaches 4 GiB (rknpu driver 0.9.8); 0 belongs to RKNN. */
const domainBytes = 4 * 2 ** 30;
const firstDomain = 1;

export async function runSelftest(options: SelftestOptions): Promise<Outcome> {
  const { signal, onResult } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rkllama-selftest-'));
  const bench = new TestBench(options, folder);
  const results: Result[] = [];
  const add = (result: Result) => {
    // What was broken off says nothing.
    signal.throwIfAborted();
    results.push(result);
    onResult(result);
  };
  const stop = () => bench.kill();
  signal.addEventListener('abort', stop);
  try {
    const loaded = await judge(loads, bench);
    add(loaded);
    for (const assertion of assertions) {
      add(loaded.verdict === 'pass' ? await judge(assertion, bench) : notLoaded(assertion));
    }
    return { results, facts: bench.facts };
  } finally {
    signal.removeEventListener('abort', stop);
    await bench.end();
    await rm(folder, { recursive: true, force: true });
  }
}

const loads: Assertion = {
  id: 'load',
  title: 'The model loads',
  run: async ({ subject }) => ({ load_ms: Math.round((await subject()).loadMs) }),
};

function notLoaded({ id, title }: Assertion): Result {
  return { id, title, verdict: 'skipped', words: 'the model did not load', measured: {} };
}

async function judge({ id, title, run }: Assertion, bench: Bench): Promise<Result> {
  try {
    return { id, title, verdict: 'pass', words: null, measured: await run(bench) };
  } catch (error) {
    if (error instanceof NotTested) {
      return { id, title, verdict: 'skipped', words: error.message, measured: {} };
    }
    if (!(error instanceof Error)) throw error;
    const measured = error instanceof Broken ? error.measured : {};
    return { id, title, verdict: 'fail', words: error.message, measured };
  }
}

class TestBench implements Bench {
  readonly #options: SelftestOptions;
  readonly #folder: string;
  readonly #subjects = new Set<Subject>();
  #current: Subject | undefined;
  facts: ModelFacts = {};

  constructor(options: SelftestOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  get model(): Model {
    return this.#options.model;
  }

  get neededBytes(): number {
    return this.#options.neededBytes;
  }

  availableBytes = (): Promise<number | null> => this.#options.availableBytes();

  file = (name: string): string => join(this.#folder, name);

  subject = async (): Promise<Subject> => {
    if (this.#current && !this.#current.isGone) return this.#current;
    this.#current = await this.#load(firstDomain);
    this.facts = this.#current.facts;
    return this.#current;
  };

  another = (): Promise<Subject> => {
    const domains = Math.ceil(this.#options.model.sizeBytes / domainBytes);
    return this.#load(firstDomain + domains);
  };

  kill(): void {
    for (const subject of this.#subjects) subject.kill();
  }

  async end(): Promise<void> {
    await Promise.all([...this.#subjects].map((subject) => subject.end()));
  }

  async #load(domain: number): Promise<Subject> {
    const subject = new Subject({ ...this.#options, domain });
    this.#subjects.add(subject);
    await subject.load(this.#options.signal);
    return subject;
  }
}
