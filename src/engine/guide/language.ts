import { behind } from './trie.ts';

/** A set of strings, as an automaton over code points. States are numbers; -1 is none. */
export interface Language {
  readonly start: number;
  /** Takes every string: no state ever matters. */
  readonly free: boolean;
  step(state: number, codePoint: number): number;
  final(state: number): boolean;
  /** How many strings end from `state` on; Infinity stands for very many as well. */
  count(state: number): number;
  /** The least code point between two (inclusive) that may follow; -1: none. */
  first(state: number, low: number, high: number): number;
  /** Code points that may follow, the way to the shortest end first. */
  ways(state: number): Iterable<number>;
  /** The one code point that must follow; -1: there is a choice. */
  only(state: number): number;
}

const surrogates = { low: 0xd800, high: 0xdfff };
const lastCodePoint = 0x10ffff;

/** Strings of any characters, by their number of code points. A state is how many there are. */
export class AnyText implements Language {
  readonly start = 0;
  readonly free: boolean;
  readonly #minimum: number;
  readonly #maximum: number;

  constructor(minimum = 0, maximum = Number.POSITIVE_INFINITY) {
    this.free = minimum === 0 && maximum === Number.POSITIVE_INFINITY;
    this.#minimum = minimum;
    this.#maximum = maximum;
  }

  step(state: number): number {
    return state < this.#maximum ? state + 1 : -1;
  }

  final(state: number): boolean {
    return state >= this.#minimum;
  }

  count(state: number): number {
    return state < this.#maximum ? Number.POSITIVE_INFINITY : 1;
  }

  first(state: number, low: number, high: number): number {
    if (state >= this.#maximum) return -1;
    const least = low >= surrogates.low && low <= surrogates.high ? surrogates.high + 1 : low;
    return least <= high ? least : -1;
  }

  *ways(state: number): Iterable<number> {
    if (state >= this.#maximum) return;
    yield 0x2d;
    for (let codePoint = 0x30; codePoint <= lastCodePoint; codePoint += 1)
      if (codePoint < surrogates.low || codePoint > surrogates.high) yield codePoint;
  }

  only(): number {
    return -1;
  }
}

/** A short string from `state` on that is not in `except`; null: there is none. */
export function shortWord(
  language: Language,
  state: number,
  except: readonly string[] = [],
): string | null {
  if (!hasOther(language, state, except)) return null;
  let word = '';
  let current = state;
  let rivals = except;
  while (!language.final(current) || rivals.includes('')) {
    const step = firstOther(language, current, rivals);
    if (step === null) return null;
    word += step.character;
    ({ state: current, rivals } = step);
  }
  return word;
}

function firstOther(language: Language, state: number, except: readonly string[]) {
  for (const codePoint of language.ways(state)) {
    const character = String.fromCodePoint(codePoint);
    const rivals = behind(except, character);
    const next = language.step(state, codePoint);
    if (hasOther(language, next, rivals)) return { character, state: next, rivals };
  }
  return null;
}

/** Whether there is a string from `state` on that is not in `except`. */
export function hasOther(language: Language, state: number, except: readonly string[]): boolean {
  if (state < 0) return false;
  if (except.length === 0) return true;
  const count = language.count(state);
  if (except.length < count) return true;
  return except.filter((word) => accepts(language, word, state)).length < count;
}

export function accepts(language: Language, text: string, from: number = language.start): boolean {
  let state = from;
  for (const character of text) {
    state = language.step(state, character.codePointAt(0) ?? 0);
    if (state < 0) return false;
  }
  return language.final(state);
}
