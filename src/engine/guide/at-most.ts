import type { Dfa } from './dfa.ts';
import type { Language } from './language.ts';

/**
 * The strings of an automaton that have at most so many characters. A state is one of the automaton's
 * and how many characters there are, so that a large `maxLength` costs nothing.
 */
export class AtMost implements Language {
  readonly start: number;
  readonly free = false;
  readonly #dfa: Dfa;
  readonly #maximum: number;

  constructor(dfa: Dfa, maximum: number) {
    this.#dfa = dfa;
    this.#maximum = maximum;
    this.start = dfa.start < 0 || dfa.distance(dfa.start) > maximum ? -1 : dfa.start;
  }

  step(state: number, codePoint: number): number {
    const next = this.#dfa.step(this.#inner(state), codePoint);
    const room = this.#room(state) - 1;
    if (next < 0 || this.#dfa.distance(next) > room) return -1;
    return next + this.#dfa.size * (this.#maximum - room);
  }

  final(state: number): boolean {
    return this.#dfa.final(this.#inner(state));
  }

  count(state: number): number {
    return this.#dfa.countWithin(this.#inner(state), this.#room(state));
  }

  first(state: number, low: number, high: number): number {
    return this.#dfa.first(this.#inner(state), low, high, this.#room(state) - 1);
  }

  ways(state: number): Iterable<number> {
    return this.#dfa.ways(this.#inner(state), this.#room(state) - 1);
  }

  only(state: number): number {
    return this.#dfa.only(this.#inner(state), this.#room(state) - 1);
  }

  #inner(state: number): number {
    return state % this.#dfa.size;
  }

  /** Characters that may still come. */
  #room(state: number): number {
    return this.#maximum - Math.floor(state / this.#dfa.size);
  }
}
