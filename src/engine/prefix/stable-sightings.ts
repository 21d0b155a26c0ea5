/** Counts how often a beginning was asked for: the second time tells that there will be a third. */
import { createHash } from 'node:crypto';
import type { Tokens } from './tokens.ts';

/** Kept, the latest. */
const most = 64;

export class StableSightings {
  readonly #counts = new Map<string, number>();

  saw(beginning: Tokens): void {
    if (beginning.length === 0) return;
    const key = keyOf(beginning);
    const count = this.of(beginning) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > most && oldest !== undefined) this.#counts.delete(oldest);
  }

  of(beginning: Tokens): number {
    return this.#counts.get(keyOf(beginning)) ?? 0;
  }
}

function keyOf(ids: Tokens): string {
  return createHash('sha1').update(ids).digest('base64');
}
