/**
 * Which models are loaded: several at once as far as memory goes, each for as long as somebody
 * asked for, the least recently used idle one first to go when another needs its room.
 */
import { ApplianceError } from '../errors.ts';
import type { RuntimeLibrary } from '../rkllm/index.ts';
import { Domains } from './domains.ts';
import type { Logger } from './logger.ts';
import { memoryNeed } from './memory-need.ts';
import { type ModelFile, type ModelSettings, ResidentModel } from './resident-model.ts';
import type { LoadedModelInfo } from './types.ts';

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
  log: Logger;
}

/** A use of a model: while it lasts, the model is not evicted and does not expire. */
export interface Lease {
  readonly model: ResidentModel;
  /** Safe to call more than once. */
  release(): void;
}

interface Resident {
  model: ResidentModel;
  leases: number;
  keepAliveMs: number;
  lastUsed: number;
  expiresAt: Date | null;
  timer: NodeJS.Timeout | undefined;
}

export class Residency {
  readonly #options: ResidencyOptions;
  readonly #domains = new Domains();
  /** By name, in the order of loading. */
  readonly #residents = new Map<string, Resident>();
  /** Loads go one after the other, so that each sees what the one before took. */
  #admission: Promise<void> = Promise.resolve();
  #uses = 0;
  #closed = false;

  constructor(options: ResidencyOptions) {
    this.#options = options;
  }

  /** Names of the loaded models, oldest first. */
  names(): string[] {
    return [...this.#residents.keys()];
  }

  get(name: string): ResidentModel | undefined {
    return this.#residents.get(name)?.model;
  }

  infos(): LoadedModelInfo[] {
    return [...this.#residents.values()].map(({ model, expiresAt }) => ({
      ...model.info(),
      expiresAt,
      pinned: this.#options.isPinned(model.file.name),
    }));
  }

  /**
   * Takes a use of the model, which is loaded when it is first needed. `keepAliveMs` counts for
   * this use and, unless told otherwise, the next ones.
   */
  async lease(file: ModelFile, keepAliveMs?: number): Promise<Lease> {
    this.assertOpen();
    const resident = this.#residents.get(file.name) ?? (await this.#admitFile(file));
    resident.leases += 1;
    clearTimeout(resident.timer);
    resident.expiresAt = null;
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

  /** Forgets a model whose first load failed. */
  forget(model: ResidentModel): void {
    const { name } = model.file;
    if (this.#residents.get(name)?.model === model) this.#residents.delete(name);
  }

  /** Resolves when the models are gone; a run that is going on ends at once. */
  async unload(names: readonly string[]): Promise<void> {
    const residents = names.flatMap((name) => this.#residents.get(name) ?? []);
    for (const name of names) this.#residents.delete(name);
    for (const { timer } of residents) clearTimeout(timer);
    await Promise.all(residents.map(({ model }) => model.unload()));
  }

  /** Unloads everything and takes nothing in any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.unload(this.names());
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
    const { settings, keepAliveMs, log } = this.#options;
    const model = new ResidentModel({
      file,
      library,
      settings,
      domains: this.#domains,
      admit: (each, load) => this.#admit(each, load),
      log,
    });
    const resident: Resident = {
      model,
      leases: 0,
      keepAliveMs,
      lastUsed: 0,
      expiresAt: null,
      timer: undefined,
    };
    this.#residents.set(file.name, resident);
    return resident;
  }

  #release(resident: Resident): void {
    resident.leases -= 1;
    this.#uses += 1;
    resident.lastUsed = this.#uses;
    const { model, keepAliveMs } = resident;
    const { name } = model.file;
    if (resident.leases > 0 || this.#residents.get(name) !== resident) return;
    if (keepAliveMs === Number.POSITIVE_INFINITY || this.#options.isPinned(name)) return;
    resident.expiresAt = new Date(Date.now() + keepAliveMs);
    // Longer than a timer can count: looked at again then.
    const waitMs = Math.min(keepAliveMs, 2 ** 31 - 1);
    resident.timer = setTimeout(() => this.#expire(resident), waitMs);
    resident.timer.unref();
  }

  #expire(resident: Resident): void {
    const { name } = resident.model.file;
    if (resident.leases > 0 || this.#residents.get(name) !== resident) return;
    this.#options.log.info(
      { model: name },
      'unloading a model that nobody asked for its keep-alive',
    );
    void this.unload([name]);
  }

  #admit<T>(model: ResidentModel, load: () => Promise<T>): Promise<T> {
    const admitted = this.#admission.then(async () => {
      await this.#makeRoom(model);
      return load();
    });
    this.#admission = admitted.then(
      () => {},
      () => {},
    );
    return admitted;
  }

  /** Unloads idle models, least recently used first, until the model fits. */
  async #makeRoom(model: ResidentModel): Promise<void> {
    const need = memoryNeed(model.file, model.contextLength);
    for (;;) {
      const free = await this.#options.availableBytes();
      const hasMemory = free === null || free >= need;
      if (hasMemory && this.#domains.hasRoomFor(model.file.sizeBytes)) return;
      const victim = this.#leastRecentlyUsed(model);
      if (victim) {
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

  #leastRecentlyUsed(except: ResidentModel): string | undefined {
    return [...this.#residents.values()]
      .filter(({ model, leases }) => model !== except && leases === 0 && model.pid !== null)
      .filter(({ model }) => !this.#options.isPinned(model.file.name))
      .sort((a, b) => a.lastUsed - b.lastUsed)
      .at(0)?.model.file.name;
  }
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString('en');
}
