/**
 * Finds the sequences that begin like another one. They are kept in order: the longer a common
 * beginning is, the nearer they stand to the place where the other one would.
 */
import { commonLength, compareTokens, type Tokens } from './tokens.ts';

export interface Match<T> {
  entry: T;
  /** Tokens of the common beginning, at least one. */
  tokens: number;
}

export class PrefixIndex<T extends { readonly ids: Tokens }> {
  readonly #sorted: T[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  add(entry: T): void {
    this.#sorted.splice(this.#placeOf(entry.ids), 0, entry);
  }

  remove(entry: T): void {
    const at = this.#sorted.indexOf(entry);
    if (at >= 0) this.#sorted.splice(at, 1);
  }

  /** All that have a common beginning with `ids`, the longest first. */
  *matches(ids: Tokens): Generator<Match<T>> {
    let right = this.#placeOf(ids);
    let left = right - 1;
    for (;;) {
      const before = this.#match(left, ids);
      const after = this.#match(right, ids);
      const next = after && after.tokens > (before?.tokens ?? 0) ? after : before;
      if (!next) return;
      if (next === after) right += 1;
      else left -= 1;
      yield next;
    }
  }

  #match(at: number, ids: Tokens): Match<T> | null {
    const entry = this.#sorted[at];
    const tokens = entry ? commonLength(entry.ids, ids) : 0;
    return entry && tokens > 0 ? { entry, tokens } : null;
  }

  /** Where `ids` would stand: behind all that come before it. */
  #placeOf(ids: Tokens): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#sorted[middle];
      if (entry && compareTokens(entry.ids, ids) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
