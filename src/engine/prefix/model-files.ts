/** The prompt-cache files of one loaded model: saves and loads them, and learns what that costs. */
import { ApplianceError } from '../../errors.ts';
import type { ModelProcess, RuntimeLibrary } from '../../rkllm/index.ts';
import type { Logger } from '../logger.ts';
import { Costs } from './costs.ts';
import type { PrefixCounters } from './counters.ts';
import type { PrefixEntry, Scope } from './entry.ts';
import { identityOf } from './identity.ts';
import { fewestTokens } from './policy.ts';
import type { Match } from './prefix-index.ts';
import type { PrefixStore } from './prefix-store.ts';
import { loadFromFile, restore, saveToFile } from './prompt-cache-runs.ts';
import { commonLength, type Tokens } from './tokens.ts';

export interface ModelFilesOptions {
  store: PrefixStore;
  model: { path: string; adapters: readonly string[] };
  library: RuntimeLibrary;
  embedFlash: boolean;
  /** Of the loaded model, in tokens. */
  contextLength: () => number;
  count: (more: Partial<PrefixCounters>) => void;
  log: Logger;
}

export interface SaveOrder {
  ids: Tokens;
  lora: string | null;
  /** Begins more than one conversation. */
  shared: boolean;
  /** How many of `ids` are in memory. */
  heldTokens: number;
}

export type SaveOutcome = 'saved' | 'refused' | 'failed' | 'skipped';

/** Failures in a row after which the model is left alone. */
const mostFailures = 2;

export class ModelFiles {
  readonly #options: ModelFilesOptions;
  /** Of what was loaded; null when it is not known, or the files have changed since. */
  #identity: string | null = null;
  #opening: Promise<boolean> | undefined;
  #costs = new Costs();
  #hasCosts = false;
  #failures = 0;
  /** The worker computes again what is in memory: a save costs a whole prefill. */
  #computesAgain = false;
  /** A file was loaded into this worker. */
  #loadedInto: ModelProcess | null = null;
  /** What goes on without the worker, and what of it is not to be found yet. */
  #writing: Promise<void> = Promise.resolve();
  readonly #pending = new Set<Pick<PrefixEntry, 'ids' | 'lora'>>();

  constructor(options: ModelFilesOptions) {
    this.#options = options;
  }

  get costs(): Costs {
    return this.#costs;
  }

  /**
   * Before the model is loaded into a new worker: what is loaded is what is there now. Failures count
   * on, because they may be what has ended the worker before.
   */
  async starting(): Promise<void> {
    this.#identity = await this.#identityNow();
    this.#opening = undefined;
    this.#computesAgain = false;
  }

  /** Whether files are saved and loaded. */
  async isOpen(): Promise<boolean> {
    this.#opening ??= this.#open();
    return (await this.#opening) && !this.#computesAgain && this.#failures < mostFailures;
  }

  matches(ids: Tokens, lora: string | null): Iterable<Match<PrefixEntry>> {
    const scope = this.#scope(lora);
    return scope ? this.#options.store.matches(scope, ids) : [];
  }

  /**
   * Has the worker save what it has in memory. Resolves as soon as the worker is free; the file is
   * taken in after that. `refused`: the runtime does not take these ids. `skipped`: there is no room
   * for the file, and memory is as it was. The caller has the NPU's turn.
   */
  async save(
    process: ModelProcess,
    { ids, lora, shared, heldTokens }: SaveOrder,
  ): Promise<SaveOutcome> {
    const scope = this.#scope(lora);
    if (!scope) return 'skipped';
    const { store } = this.#options;
    const bytes = this.#costs.bytes(ids.length);
    const part = await this.#begin(scope, bytes);
    if (part === null) return 'skipped';
    try {
      const run = await saveToFile(process, { ids, lora, path: part }, this.#costs.saveMs(bytes));
      const content = { ...scope, ids, shared };
      this.#pending.add(content);
      this.#writing = this.#writing
        .then(() => this.#takeIn(part, content, run.ms))
        .finally(() => this.#pending.delete(content));
      this.#options.count({ tokensForSaves: run.computedTokens ?? 0 });
      const mostComputed = ids.length - heldTokens / 2;
      this.#computesAgain ||= (run.computedTokens ?? 0) > mostComputed;
      return 'saved';
    } catch (error) {
      await store.discard(part);
      if (error instanceof ApplianceError && error.code === 'runtime_failed') return 'refused';
      this.#failed('a prompt could not be saved', error);
      return 'failed';
    }
  }

  /** Has the worker compute again what is to be in memory. The caller has the NPU's turn. */
  async restore(process: ModelProcess, ids: Tokens, lora: string | null): Promise<void> {
    const tokens = await restore(process, ids, lora, this.#costs.prefillMs(ids.length));
    this.#options.count({ tokensForSaves: tokens ?? 0 });
  }

  /** The runtime does not take these ids, nor others. */
  refused(): void {
    this.#failed('a prompt could not be saved', new Error('the runtime refused its tokens'));
  }

  /** Resolves with whether the worker has the file's tokens in memory now; a file that fails is deleted. */
  async load(process: ModelProcess, { entry }: Match<PrefixEntry>): Promise<boolean> {
    const { store } = this.#options;
    const started = performance.now();
    if (!(await store.check(entry))) return false;
    try {
      const status = await loadFromFile(process, store.pathOf(entry), {
        releaseFirst: this.#loadedInto === process,
        expectedMs: this.#costs.loadMs(entry.sizeBytes),
      });
      if (status !== 0) throw new Error(`the runtime returned ${status}`);
    } catch (error) {
      await this.reject(entry, error);
      return false;
    }
    this.#loadedInto = process;
    this.#costs.sawLoad(entry.sizeBytes, performance.now() - started);
    return true;
  }

  /** Notes that a loaded file was of use, and whether to a conversation that is not its own. */
  async used({ entry }: Match<PrefixEntry>, isShared: boolean): Promise<void> {
    this.#failures = 0;
    this.#costs.sawReturn(true);
    await this.#options.store.used(entry);
    if (isShared) await this.#options.store.share(entry);
  }

  /** Gives up a file that was of no use. */
  async reject(entry: PrefixEntry, reason: unknown): Promise<void> {
    await this.#options.store.remove(entry);
    this.#failed('a prompt cache file was of no use and is deleted', reason);
  }

  /** Tokens of the longest common beginning with what is being written. */
  pendingTokens(ids: Tokens, lora: string | null): number {
    const same = [...this.#pending].filter((pending) => pending.lora === lora);
    return Math.max(0, ...same.map((pending) => commonLength(pending.ids, ids)));
  }

  /** Waits for a file that is being written, where that takes less than to do without it. */
  async awaitPending(ids: Tokens, lora: string | null, heldTokens: number): Promise<void> {
    const known = Math.max(heldTokens, ...[...this.matches(ids, lora)].map((each) => each.tokens));
    const gained = this.pendingTokens(ids, lora) - known;
    const waitMs = this.#costs.writeMs(this.#costs.bytes(ids.length));
    if (gained >= fewestTokens && this.#costs.prefillMs(gained) > waitMs) await this.#writing;
  }

  /** Resolves when what was saved is on the disk. */
  written(): Promise<void> {
    return this.#writing;
  }

  /** Resolves when everything is on the disk, what was learned as well. */
  async settle(): Promise<void> {
    await this.#writing;
    if (!(await this.isOpen())) return;
    const scope = this.#scope(null);
    if (scope) await this.#options.store.keepCosts(scope, this.#costs);
  }

  async #begin(scope: Scope, bytes: number): Promise<string | null> {
    try {
      return await this.#options.store.begin(scope, bytes, this.#costs);
    } catch (error) {
      this.#failed('a prompt could not be saved', error);
      return null;
    }
  }

  async #open(): Promise<boolean> {
    const { store, model } = this.#options;
    const identity = this.#identity;
    if (!(await store.open())) return false;
    // Replaced while it was being loaded.
    if (identity === null || identity !== (await this.#identityNow())) return false;
    await store.dropStale({ model: model.path, identity });
    if (!this.#hasCosts) this.#costs = await store.costs({ model: model.path });
    this.#hasCosts = true;
    return true;
  }

  async #takeIn(
    part: string,
    content: Scope & Pick<PrefixEntry, 'ids' | 'shared'>,
    ms: number,
  ): Promise<void> {
    const { store, count } = this.#options;
    const started = performance.now();
    try {
      if (content.identity !== (await this.#identityNow())) {
        throw new Error('the model file was replaced meanwhile');
      }
      const { sizeBytes } = await store.commit(part, content, this.#costs);
      const times = { savedMs: ms, writtenMs: ms + performance.now() - started };
      this.#costs.sawSave(content.ids.length, sizeBytes, times);
      await store.keepCosts(content, this.#costs);
      this.#failures = 0;
      count({ saves: 1 });
    } catch (error) {
      await store.discard(part);
      this.#failed('a prompt could not be saved', error);
    }
  }

  #failed(what: string, error: unknown): void {
    this.#failures += 1;
    this.#options.count({ failures: 1 });
    const { log } = this.#options;
    log.warn({ err: error }, what);
    if (this.#failures === mostFailures) {
      log.warn('no prompts of this model are saved or loaded until it is loaded again');
    }
  }

  #scope(lora: string | null): Scope | null {
    const { model, contextLength } = this.#options;
    if (this.#identity === null) return null;
    return { model: model.path, identity: this.#identity, contextLength: contextLength(), lora };
  }

  #identityNow(): Promise<string | null> {
    const { model, library, embedFlash } = this.#options;
    return identityOf({ files: [model.path, ...model.adapters], library, embedFlash });
  }
}
