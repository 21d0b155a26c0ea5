/**
 * Sees to it that a model's prompts are computed once: before a run it loads the file that saves the
 * most time, and when the NPU rests, or something else is about to take the place in memory, it has
 * saved what is there, where that pays. Whatever goes wrong here costs time and never an answer.
 */
import { capabilitiesOf, type ModelProcess, type Run } from '../../rkllm/index.ts';
import type { Ticket } from '../npu-queue.ts';
import { type Beginning, commonCharacters } from './beginnings.ts';
import { addCounts, noCounts, type PrefixCounters } from './counters.ts';
import type { PrefixEntry } from './entry.ts';
import { type Held, idsOf, KvMemory, type PrefixRun, RunWatch } from './kv-memory.ts';
import { MemorySaver } from './memory-saver.ts';
import { ModelFiles, type ModelFilesOptions } from './model-files.ts';
import { bestToLoad, fewestTokens } from './policy.ts';
import type { Match } from './prefix-index.ts';
import { StableSightings } from './stable-sightings.ts';
import { commonLength } from './tokens.ts';

export interface PrefixKeeperOptions extends Omit<ModelFilesOptions, 'count'> {
  /** The NPU's turn, when nobody wants it; null otherwise. */
  idleTurn: () => Ticket | null;
}

/** A save begins after twice the time that it takes: who comes back at once does not wait for it. */
const restFactor = 2;
const shortestRestMs = 250;
const longestRestMs = 10_000;

/** What a run finds. */
interface Found {
  /** Tokens of its prompt in memory, as the run before had left it. */
  inMemory: number;
  /** The file that was loaded for it. */
  loaded: Match<PrefixEntry> | null;
  /** That file was another conversation's. */
  isShared: boolean;
}

const nothing: Found = { inMemory: 0, loaded: null, isShared: false };

export class PrefixKeeper {
  readonly #options: PrefixKeeperOptions;
  readonly #isAble: boolean;
  readonly #memory = new KvMemory();
  readonly #sightings = new StableSightings();
  readonly #counts = noCounts();
  readonly #files: ModelFiles;
  readonly #saver: MemorySaver;
  #found = nothing;
  /** Of the last run that was prepared. */
  #last: Pick<Held, 'process' | 'lora'> | null = null;
  #isRunning = false;
  /** The worker that is about to end: nothing is asked of it any more. */
  #left: ModelProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** What the store does with the worker. */
  #working: Promise<void> = Promise.resolve();

  constructor(options: PrefixKeeperOptions) {
    this.#options = options;
    // Before 1.2.0 a run finds nothing in memory: saving would compute everything again.
    this.#isAble = capabilitiesOf(options.library.version).clearKvCache;
    this.#files = new ModelFiles({ ...options, count: (more) => this.#count(more) });
    const parts = { files: this.#files, memory: this.#memory, sightings: this.#sightings };
    this.#saver = new MemorySaver(parts);
  }

  counts(): PrefixCounters {
    return { ...this.#counts };
  }

  /** Characters of a request's beginning that its model has in memory. */
  familiarity(beginnings: readonly Beginning[]): number {
    return commonCharacters(this.#memory.beginnings, beginnings);
  }

  /** Before the model is loaded into a new worker. */
  starting(): Promise<void> {
    return this.#files.starting();
  }

  /** Gets a worker ready for a run. The caller has the NPU's turn. */
  async prepare(process: ModelProcess, request: PrefixRun): Promise<void> {
    clearTimeout(this.#timer);
    this.#found = nothing;
    if (this.#isAble) await this.#work(() => this.#prepare(process, request));
  }

  /** Starts a run that is prepared. */
  start(process: ModelProcess, request: PrefixRun): Run {
    const { input, options, maxTokens, stopTokenIds } = request;
    const watch = new RunWatch(request);
    this.#memory.forget();
    this.#isRunning = true;
    const limits = {
      ...(maxTokens !== undefined && { maxTokens }),
      ...(stopTokenIds !== undefined && { stopTokenIds }),
    };
    const run = process.run({ input, options, ...limits }, (event) => watch.take(event));
    void run.over.then(() => this.#ended(process, request, watch));
    return run;
  }

  /** The runtime's memory was cleared. */
  forget(): void {
    this.#memory.forget();
  }

  /** Saves what is in memory, if that pays, before a worker ends. */
  async leave(process: ModelProcess): Promise<void> {
    this.#left = process;
    clearTimeout(this.#timer);
    await this.#working;
    if (!this.#isAble || this.#isRunning || process.pid === null) return;
    await this.#work(async () => {
      if (await this.#files.isOpen()) await this.#saver.leave(process);
    });
  }

  /** Resolves when everything is on the disk. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#working;
    await this.#files.settle();
  }

  async #prepare(process: ModelProcess, request: PrefixRun): Promise<void> {
    const ids = idsOf(request);
    const lora = request.options.lora ?? null;
    const held = this.#memory.of(process);
    const isOpen = await this.#files.isOpen();
    const common = held && ids && held.lora === lora ? commonLength(held.ids, ids) : 0;
    if (held) {
      const isDisplaced = !goesOn(held, request) && held.ids.length - common >= fewestTokens;
      if (!request.continuation) this.#files.costs.sawDisplaced(isDisplaced);
      if (isOpen && isDisplaced) await this.#saver.displace(process, common);
    }
    // The runtime compares tokens, and not with which adapter they were computed.
    if (this.#last?.process === process && this.#last.lora !== lora) await this.#clear(process);
    this.#last = { process, lora };
    this.#found = { ...nothing, inMemory: common };
    if (!ids || !isOpen) return;
    const stable = request.stableTokens ?? 0;
    if (!request.continuation) this.#sightings.saw(ids.slice(0, stable));
    await this.#files.awaitPending(ids, lora, common);
    const best = bestToLoad(this.#files.matches(ids, lora), common, this.#files.costs);
    if (!best) return;
    this.#memory.forget();
    const isShared = best.tokens < Math.min(best.entry.ids.length, stable + fewestTokens);
    const isLoaded = await this.#files.load(process, best);
    this.#found = isLoaded ? { inMemory: common, loaded: best, isShared } : nothing;
  }

  #ended(process: ModelProcess, request: PrefixRun, watch: RunWatch): void {
    this.#isRunning = false;
    const held = watch.held(process);
    if (held) this.#memory.set(held);
    const counters = watch.finished?.counters;
    const ids = idsOf(request);
    if (counters && ids) {
      this.#files.costs.sawPrefill(counters.prefillTokens, counters.prefillMs);
      this.#account(ids.length, counters.prefillTokens);
    }
    if (held && this.#isAble) void this.#whenResting(process);
  }

  /** What the store has done for a run, by the runtime's own count. */
  #account(promptTokens: number, computedTokens: number): void {
    const { inMemory, loaded, isShared } = this.#found;
    const cached = Math.max(0, promptTokens - computedTokens);
    const fromFiles = loaded ? Math.max(0, cached - inMemory) : 0;
    this.#count({
      promptTokens,
      tokensFromMemory: cached - fromFiles,
      tokensFromFiles: fromFiles,
      hits: fromFiles > 0 ? 1 : 0,
      misses: cached < fewestTokens ? 1 : 0,
    });
    if (!loaded) return;
    if (fromFiles > 0) void this.#files.used(loaded, isShared);
    else void this.#files.reject(loaded.entry, 'the runtime computed its tokens all the same');
  }

  /** Saves ahead once the NPU has rested for a while. */
  async #whenResting(process: ModelProcess): Promise<void> {
    if (!(await this.#files.isOpen())) return;
    // What is being written need not be saved again.
    await this.#files.written();
    const saveMs = this.#saver.expectedMs(process);
    if (saveMs === null || this.#isRunning || this.#left === process) return;
    const waitMs = Math.min(longestRestMs, Math.max(shortestRestMs, restFactor * saveMs));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#rest(process), waitMs);
    this.#timer.unref();
  }

  async #rest(process: ModelProcess): Promise<void> {
    const ticket = this.#options.idleTurn();
    // Another model is at work: later, if nothing has changed by then.
    if (!ticket) return this.#whenResting(process);
    await this.#work(() => this.#saver.rest(process));
    ticket.release();
  }

  async #clear(process: ModelProcess): Promise<void> {
    this.#memory.forget();
    await process.call({ method: 'clearKvCache' });
  }

  #work(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      this.#memory.forget();
      this.#options.log.warn({ err: error }, 'the prompt cache failed');
    });
    return this.#working;
  }

  #count(more: Partial<PrefixCounters>): void {
    addCounts(this.#counts, more);
    addCounts(this.#options.store.counts, more);
  }
}

/** The same conversation, further on; what the prompt leaves out of it, a thought, is not wanted again. */
function goesOn(held: Held, { beginnings = [] }: PrefixRun): boolean {
  const all = held.beginnings.at(-1)?.characters;
  return all !== undefined && commonCharacters(held.beginnings, beginnings) === all;
}
