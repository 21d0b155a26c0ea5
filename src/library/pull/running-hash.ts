import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PartialFile } from './partial-file.ts';

const blockBytes = 1024 * 1024;

/**
 * Hashes a partial file while it grows, from its beginning up to where it is complete. What did not
 * arrive in order is read back, mostly out of the page cache; a resumed file is read from its start.
 */
export class RunningHash {
  readonly #partial: PartialFile;
  #hash: Hash | null;
  #generation: number;
  readonly #buffer = Buffer.allocUnsafe(blockBytes);
  #position = 0;
  #running: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(partial: PartialFile) {
    this.#partial = partial;
    this.#hash = hashFor(partial.remote);
    this.#generation = partial.generation;
  }

  /** Takes bytes on their way to the disk, when they are the next ones: that saves reading them. */
  feed(chunks: readonly Uint8Array[], position: number): void {
    if (this.#hash === null || this.#running || this.#failure !== null) return;
    this.#beginAgainIfForgotten();
    if (position !== this.#position) return;
    for (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#position += chunk.byteLength;
    }
  }

  /** More of the file may be complete: hash it in the background. */
  advance(): void {
    if (this.#hash === null || this.#running || this.#failure !== null) return;
    this.#beginAgainIfForgotten();
    if (this.#partial.contiguousBytes - this.#position < blockBytes) return;
    this.#running = this.#follow(null)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Ends the background work. */
  async stop(): Promise<void> {
    this.#failure ??= new Error('the hash was stopped');
    await this.#running;
  }

  /**
   * Hashes what is left of the complete file.
   * @returns whether the content is what the hub says; true when it says nothing
   */
  async matches(signal: AbortSignal): Promise<boolean> {
    await this.#running;
    if (this.#failure !== null) throw this.#failure;
    if (this.#hash === null) return true;
    this.#beginAgainIfForgotten();
    await this.#follow(signal);
    const { sha256, gitSha1 } = this.#partial.remote;
    return this.#hash.digest('hex') === (sha256 ?? gitSha1);
  }

  #beginAgainIfForgotten(): void {
    if (this.#partial.generation === this.#generation) return;
    this.#generation = this.#partial.generation;
    this.#hash = hashFor(this.#partial.remote);
    this.#position = 0;
  }

  async #follow(signal: AbortSignal | null): Promise<void> {
    while (this.#position < this.#partial.contiguousBytes && this.#failure === null) {
      signal?.throwIfAborted();
      this.#beginAgainIfForgotten();
      const length = Math.min(blockBytes, this.#partial.contiguousBytes - this.#position);
      const count = await this.#partial.read(this.#buffer, this.#position, length);
      if (this.#partial.generation !== this.#generation) continue;
      if (count === 0) throw new Error('the partial file is shorter than its notes say');
      this.#hash?.update(this.#buffer.subarray(0, count));
      this.#position += count;
      // Hashing blocks: requests of other clients get their turn between blocks.
      await nextTurn();
    }
  }
}

interface ExpectedContent {
  sizeBytes: number;
  sha256: string | null;
  gitSha1: string | null;
}

/** The hash the hub knows of a file: SHA-256, or git's blob id; null when it knows none. */
export function hashFor(expected: ExpectedContent): Hash | null {
  if (expected.sha256 !== null) return createHash('sha256');
  if (expected.gitSha1 === null) return null;
  return createHash('sha1').update(`blob ${expected.sizeBytes}\0`);
}
