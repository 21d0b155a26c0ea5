/**
 * Which models are loaded: several at once as far as memory goes, each for as long as somebody
 * asked for, the least recently used idle one first to go when another needs its room.
 */
import { isDeepStrictEqual } from 'node:util';
import { ApplianceError } from '../errors.ts';
import { memoryNeed } from '../library/index.ts';
import type { RuntimeLibrary } from '../rkllm/index.ts';
import { Domains } from './domains.ts';
import type { Logger } from './logger.ts';
import type { Ticket } from './npu-queue.ts';
import type { PrefixStore } from './prefix/index.ts';
import { type ModelFile, type ModelSettings, ResidentModel } from './resident-model.ts';
import type { LoadedModelInfo } from './types.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface ResidencyOptions {
  /** The runtime to use; throws `runtime_not_found` or `runtime_unsupported`. */
  runtime: () => Promise<RuntimeLibrary>;
  settings: ModelSettings;
  /** Milliseconds that a model stays after its last answer when its requests do not say. */
  keepAliveMs: number;
  /** True for a model that is never evicted and never expires. */
  isPinned: (name: string) => boolean;
  /** Bytes of memory that a load may take; null where nobody knows. */
  availableBytes: () => Promise<number | null>;
  /** Where prompts are kept on disk. */
  prefixes: PrefixStore;
  /** The NPU's turn, when nobody wants it; null otherwise. */
  idleTurn: (model: string) => Ticket | null;
  log: Logger;
}

/** A use of a model: while it lasts, the model is not evicted and does not expire. */
export interface Lease {
  readonly model: ResidentModel;
  /** Safe to call more than once. */
  release(): void;
}

/** The most that a timer can count. */
const longestTimerMs = 2 ** 31 - 1;

interface Resident {
  model: ResidentModel;
  leases: number;
  /** As its requests said; null where none did, and the setting counts. */
  keepAliveMs: number | null;
  lastUsed: number;
  /**
   * On the clock of `performance.now()`: that of a board without a battery may jump by years. Null
   * while it is in use, and where it stays.
   */
  expiresAtMs: number | null;
  timer: NodeJS.Timeout | undefined;
}

export class Residency {
  readonly #options: ResidencyOptions;
  readonly #domains = new Domains();
  /** By name, in the order of loading. */
  readonly #residents = new Map<string, Resident>();
  /** Models that are on their way out, and since when; their memory is not back yet. */
  readonly #leaving = new Map<Promise<void>, number>();
  /** Loads go one after the other, so that each sees what the one before took. */
  #admission: Promise<void> = Promise.resolve();
  #keepAliveMs: number;
  #uses = 0;
  #closed = false;

  constructor(options: ResidencyOptions) {
    this.#options = options;
    this.#keepAliveMs = options.keepAliveMs;
  }

  /** Names of the loaded models, oldest first. */
  names(): string[] {
    return [...this.#residents.keys()];
  }

  get(name: string): ResidentModel | undefined {
    return this.#residents.get(name)?.model;
  }

  infos(): LoadedModelInfo[] {
    return [...this.#residents.values()].map((resident) => {
      const { model } = resident;
      const pinned = this.#options.isPinned(model.file.name);
      return { ...model.info(), expiresAt: pinned ? null : this.#expiryOf(resident), pinned };
    });
  }

  /**
   * Takes a use of the model, which is loaded when it is first needed. `keepAliveMs` counts for
   * this use and, unless told otherwise, the next ones. A model whose files are others than when it
   * was loaded is loaded anew, unless somebody uses it.
   */
  async lease(file: ModelFile, keepAliveMs?: number): Promise<Lease> {
    this.assertOpen();
    const loaded = this.#residents.get(file.name);
    if (loaded?.leases === 0 && hasChanged(loaded.model.file, file)) {
      this.#options.log.info({ model: file.name }, 'its files have changed: loading it anew');
      void this.#remove(file.name);
    }
    const resident = this.#residents.get(file.name) ?? (await this.#admitFile(file));
    resident.leases += 1;
    clearTimeout(resident.timer);
    resident.expiresAtMs = null;
    if (keepAliveMs !== undefined) resident.keepAliveMs = keepAliveMs;
    let released = false;
    return {
      model: resident.model,
      release: () => {
        if (released) return;
        released = true;
        this.#release(resident);
      },
    };
  }

  /** How long the slowest of the workers that have to go has not gone: unloaded, or killed. */
  get leavingMs(): number {
    const now = performance.now();
    const killed = [...this.#residents.values()].map(({ model }) => model.killedAt ?? now);
    return now - Math.min(now, ...this.#leaving.values(), ...killed);
  }

  /** Resolves when the models are gone; a run that is going on ends at once. */
  async unload(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#remove(name)));
  }

  /** Idle models begin their keep-alive anew: it may have changed, and so may who is pinned. */
  reconfigure(keepAliveMs: number): void {
    this.#keepAliveMs = keepAliveMs;
    for (const resident of this.#residents.values()) {
      if (resident.leases === 0 && resident.lastUsed > 0) this.#stay(resident);
    }
  }

  /** Unloads everything and takes nothing in any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.unload(this.names());
    await Promise.all(this.#leaving.keys());
  }

  /** Throws `stopping` after `close`. */
  assertOpen(): void {
    if (this.#closed) throw new ApplianceError('stopping', 'The appliance is shutting down.');
  }

  async #admitFile(file: ModelFile): Promise<Resident> {
    if (file.problem) {
      throw new ApplianceError('model_unusable', `${file.name} cannot run here: ${file.problem}`);
    }
    const library = await this.#options.runtime();
    this.assertOpen();
    const known = this.#residents.get(file.name);
    if (known) return known;
    const { settings, prefixes, idleTurn, log } = this.#options;
    const model = new ResidentModel({
      file,
      library,
      settings,
      domains: this.#domains,
      admit: (each, load) => this.#admit(each, load),
      failed: (each, reason) => {
        if (this.get(file.name) === each) void this.#remove(file.name, reason);
      },
      prefixes,
      idleTurn,
      log,
    });
    const resident: Resident = {
      model,
      leases: 0,
      keepAliveMs: null,
      lastUsed: 0,
      expiresAtMs: null,
      timer: undefined,
    };
    this.#residents.set(file.name, resident);
    return resident;
  }

  #release(resident: Resident): void {
    resident.leases -= 1;
    this.#uses += 1;
    resident.lastUsed = this.#uses;
    const { model } = resident;
    const { name } = model.file;
    if (resident.leases > 0 || this.#residents.get(name) !== resident) return;
    if (model.isWanted) this.#stay(resident);
    else void this.#remove(name);
  }

  /** Begins the keep-alive of an idle model. */
  #stay(resident: Resident): void {
    clearTimeout(resident.timer);
    resident.expiresAtMs = null;
    if (this.#options.isPinned(resident.model.file.name)) return;
    const keepAliveMs = resident.keepAliveMs ?? this.#keepAliveMs;
    if (dateIn(keepAliveMs) === null) return;
    const expiresAtMs = performance.now() + keepAliveMs;
    resident.expiresAtMs = expiresAtMs;
    this.#expire(resident, expiresAtMs);
  }

  #expire(resident: Resident, expiresAtMs: number): void {
    const waitMs = expiresAtMs - performance.now();
    // Longer than a timer can count: looked at again then.
    const next =
      waitMs > longestTimerMs
        ? () => this.#expire(resident, expiresAtMs)
        : () => this.#drop(resident);
    resident.timer = setTimeout(next, Math.min(waitMs, longestTimerMs));
    resident.timer.unref();
  }

  #drop(resident: Resident): void {
    const { name } = resident.model.file;
    if (resident.leases > 0 || this.#residents.get(name) !== resident) return;
    this.#options.log.info(
      { model: name },
      'unloading a model that nobody asked for its keep-alive',
    );
    void this.#remove(name);
  }

  /** `reason` is what those who wait for the model hear. */
  async #remove(name: string, reason?: unknown): Promise<void> {
    const resident = this.#residents.get(name);
    if (!resident) return;
    this.#residents.delete(name);
    clearTimeout(resident.timer);
    const left = resident.model.unload(reason);
    this.#leaving.set(left, performance.now());
    await left.finally(() => this.#leaving.delete(left));
  }

  async #admit<T>(model: ResidentModel, load: () => Promise<T>): Promise<T> {
    const before = this.#admission;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#admission = Promise.all([before, over]).then(() => {});
    try {
      await unlessAborted(before, model.gone.signal);
      await this.#makeRoom(model);
      return await load();
    } finally {
      resolve();
    }
  }

  /** Unloads idle models, least recently used first, until the model fits. */
  async #makeRoom(model: ResidentModel): Promise<void> {
    const need = memoryNeed(model.file, model.contextLength);
    for (;;) {
      const free = await this.#options.availableBytes();
      const hasMemory = free === null || free >= need;
      model.gone.signal.throwIfAborted();
      if (hasMemory && this.#domains.hasRoomFor(model.file.sizeBytes)) return;
      const victim = this.#leastRecentlyUsed(model);
      if (this.#leaving.size > 0) {
        await unlessAborted(Promise.all(this.#leaving.keys()), model.gone.signal);
      } else if (victim) {
        this.#options.log.info(
          { model: victim, for: model.file.name },
          'unloading an idle model to make room',
        );
        await this.unload([victim]);
      } else if (hasMemory) {
        return; // The domains say it in their own words.
      } else {
        throw new ApplianceError(
          'insufficient_memory',
          `${model.file.name} needs about ${megabytes(need)} MB of memory and ${megabytes(free ?? 0)} MB ` +
            'are free. Unload another model, or choose a smaller one or a smaller context.',
          { retryAfterSeconds: 30 },
        );
      }
    }
  }

  /** While a model is in use, its keep-alive has yet to begin: it would expire that long from now. */
  #expiryOf({ leases, keepAliveMs, expiresAtMs }: Resident): Date | null {
    if (leases > 0) return dateIn(keepAliveMs ?? this.#keepAliveMs);
    return expiresAtMs === null ? null : dateIn(expiresAtMs - performance.now());
  }

  #leastRecentlyUsed(except: ResidentModel): string | undefined {
    return [...this.#residents.values()]
      .filter(({ model, leases }) => model !== except && leases === 0 && model.pid !== null)
      .filter(({ model }) => !this.#options.isPinned(model.file.name))
      .sort((a, b) => a.lastUsed - b.lastUsed)
      .at(0)?.model.file.name;
  }
}

/** Whether a load would be of something else. */
function hasChanged(loaded: ModelFile, now: ModelFile): boolean {
  if (loaded === now) return false;
  const marks = [loaded, now].map((file) => [
    file.path,
    file.sizeBytes,
    file.modifiedAt,
    file.inspection.loras,
    file.modelfile,
    file.searchFolders,
  ]);
  return !isDeepStrictEqual(marks[0], marks[1]);
}

/** Null for ever, and beyond the end of the calendar. */
function dateIn(ms: number): Date | null {
  const date = new Date(Date.now() + ms);
  return Number.isNaN(date.getTime()) ? null : date;
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString('en');
}
