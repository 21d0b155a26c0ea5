import type { FileFact } from './listing.ts';

interface Observation {
  readonly mark: string;
  readonly sinceMs: number;
}

/** A file without an end gets so many times the usual wait. */
const patience = 15;

/**
 * Tells files that have stopped growing from those that are still being written. A file is settled when it
 * was last modified long enough ago, or has not changed for that long under our eyes (a board without a
 * battery-backed clock has files from the future).
 */
export class Growth {
  readonly #settleMs: number;
  readonly #seen = new Map<string, Observation>();
  readonly #settled = new Map<string, string>();
  readonly #trusted = new Set<string>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Until `distrust`, the file is taken as whole: whoever renamed it into place has verified it. */
  trust(path: string): void {
    this.#trusted.add(path);
  }

  forget(path: string): void {
    this.#seen.delete(path);
    this.#settled.delete(path);
  }

  distrust(path: string): void {
    this.#trusted.delete(path);
  }

  /** For how long the file has not changed, as far as can be told; Infinity for one that is known as whole. */
  quietMs(file: FileFact): number {
    const mark = markOf(file);
    if (this.#trusted.has(file.path)) this.#settled.set(file.path, mark);
    if (this.#settled.get(file.path) === mark) return Number.POSITIVE_INFINITY;
    const seen = this.#seen.get(file.path);
    const sinceMs = seen?.mark === mark ? seen.sinceMs : performance.now();
    this.#seen.set(file.path, { mark, sinceMs });
    return Math.max(performance.now() - sinceMs, Date.now() - file.mtimeMs);
  }

  isSettled(file: FileFact): boolean {
    return this.quietMs(file) >= this.#settleMs;
  }

  /** For a file whose end is missing: whoever writes it may just be slow. */
  isAbandoned(file: FileFact): boolean {
    return this.quietMs(file) >= this.#settleMs * patience;
  }

  /** From now on the file is whole until it changes. */
  settle(file: FileFact): void {
    this.#settled.set(file.path, markOf(file));
    this.#seen.delete(file.path);
  }
}

/** Changes whenever the file's content may have changed. */
export function markOf(file: FileFact): string {
  return `${file.sizeBytes}:${file.mtimeMs}:${file.ino}`;
}
