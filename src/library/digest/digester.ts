import { markOf } from '../disk/growth.ts';
import type { FileFact } from '../disk/listing.ts';
import type { Logger } from '../model.ts';
import type { DigestCache } from './cache.ts';
import { digestFile } from './file.ts';

const saveEveryMs = 5000;

interface Job {
  readonly mark: string;
  readonly cancel: AbortController;
}

/** Computes the missing digests in the background, one file at a time, smallest first. */
export class Digester {
  readonly #cache: DigestCache;
  readonly #log: Logger;
  readonly #onDigest: () => void;
  #wanted = new Map<string, FileFact>();
  /** Files without a digest, the smallest last. */
  #pending: FileFact[] = [];
  /** Files that failed, by path; not tried again until they change. */
  readonly #failed = new Map<string, string>();
  #job: (Job & { path: string }) | null = null;
  #running: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #stopped = true;
  #isUnsaved = false;
  #savedAtMs = Number.NEGATIVE_INFINITY;

  constructor(cache: DigestCache, log: Logger, onDigest: () => void) {
    this.#cache = cache;
    this.#log = log;
    this.#onDigest = onDigest;
  }

  start(): void {
    this.#stopped = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#job?.cancel.abort();
    await this.#running;
    await this.#save();
  }

  /** The files that there are now: starts what is missing, cancels what has changed or gone. */
  update(files: readonly FileFact[]): void {
    this.#wanted = new Map(files.map((file) => [file.path, file]));
    const current = this.#job && this.#wanted.get(this.#job.path);
    if (this.#job && !(current && this.#isAtWork(current) && this.#isMissing(current))) {
      this.#job.cancel.abort();
    }
    this.#pending = files
      .filter((file) => !this.#isAtWork(file) && this.#isMissing(file))
      .sort((a, b) => b.sizeBytes - a.sizeBytes);
    if (this.#job === null) this.#startNext();
  }

  /** Takes a digest that somebody else has computed of this very file. */
  async adopt(file: FileFact, sha256: string): Promise<void> {
    this.#cache.set(file, sha256);
    this.#onDigest();
    this.#isUnsaved = true;
    await this.#save();
  }

  #startNext(): void {
    const next = this.#stopped ? undefined : this.#pending.pop();
    if (next === undefined) return;
    this.#job = { path: next.path, mark: markOf(next), cancel: new AbortController() };
    this.#running = this.#digest(next, this.#job.cancel.signal).finally(() => {
      this.#job = null;
      this.#startNext();
    });
  }

  #isAtWork(file: FileFact): boolean {
    return this.#job?.path === file.path && this.#job.mark === markOf(file);
  }

  #isMissing(file: FileFact): boolean {
    return this.#cache.get(file) === null && this.#failed.get(file.path) !== markOf(file);
  }

  async #digest(file: FileFact, signal: AbortSignal): Promise<void> {
    try {
      const sha256 = await digestFile(file.path, signal);
      if (!this.#isMissing(file)) return;
      this.#cache.set(file, sha256);
    } catch (error) {
      if (signal.aborted) return;
      this.#failed.set(file.path, markOf(file));
      this.#log.warn(
        { path: file.path, err: error },
        'the SHA-256 of this file could not be computed',
      );
      return;
    }
    this.#onDigest();
    await this.#saveSometimes();
  }

  /** Not after each of a thousand small files, yet before much work can be lost. */
  async #saveSometimes(): Promise<void> {
    this.#isUnsaved = true;
    if (this.#pending.length > 0 && performance.now() - this.#savedAtMs < saveEveryMs) return;
    await this.#save();
  }

  /** One after the other: they write the same file. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveNow());
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    if (!this.#isUnsaved) return;
    this.#isUnsaved = false;
    this.#savedAtMs = performance.now();
    try {
      await this.#cache.save(new Set(this.#wanted.keys()));
    } catch (error) {
      this.#log.warn({ err: error }, 'the digests of the models could not be saved');
    }
  }
}
