import { commonPrefix } from './any-of.ts';
import { end, type Grammar, nothing, type Position } from './grammar.ts';
import type { GuideState } from './guide.ts';
import { limits } from './limits.ts';

/** All readings of the text so far, side by side. Each can be completed, so any may be dropped. */
export class Readings implements GuideState {
  readonly #positions: readonly Position[];
  #forced: string | undefined;

  constructor(positions: readonly Position[]) {
    this.#positions = positions;
  }

  /** Before the first character of a text. */
  static of(grammar: Grammar): Readings {
    return new Readings(distinct(grammar.enter(nothing)));
  }

  get complete(): boolean {
    return this.#positions.includes(end);
  }

  get ended(): boolean {
    return this.#positions.length === 1 && this.complete;
  }

  get forced(): string {
    this.#forced ??= this.#force();
    return this.#forced;
  }

  accept(text: string): { state: GuideState; accepted: number } {
    let positions = this.#positions;
    let index = 0;
    while (index < text.length) {
      const [only] = positions;
      if (positions.length === 1 && only?.skip !== undefined) {
        index = only.skip(text, index);
        if (index >= text.length) break;
      }
      const codePoint = text.codePointAt(index) ?? 0;
      const next = stepAll(positions, codePoint);
      if (next.length === 0) break;
      positions = next;
      index += codePoint > 0xffff ? 2 : 1;
    }
    return { state: index === 0 ? this : new Readings(positions), accepted: index };
  }

  closing(): string {
    if (this.complete) return '';
    return this.#positions
      .map((position) => position.closing())
      .reduce((least, text) => (text.length < least.length ? text : least));
  }

  #force(): string {
    let text = '';
    let state: Readings = this;
    while (text.length < limits.forcedPiece) {
      const piece = state.#positions.map(({ forced }) => forced).reduce(commonPrefix);
      if (piece === '') break;
      text += piece;
      state = new Readings(piecewise(state.#positions, piece));
    }
    return state.ended ? text : text.replace(openEnd, '');
  }
}

/** A word that may go on, or a blank: the model begins its tokens there. */
const openEnd = /[\p{L}\p{M}\p{N}_]+$|[ \t\r\n]+$/u;

function piecewise(positions: readonly Position[], text: string): readonly Position[] {
  let current = positions;
  for (const character of text) {
    current = stepAll(current, character.codePointAt(0) ?? 0);
    if (current.length === 0) throw new Error('Forced text does not belong where it is forced.');
  }
  return current;
}

function stepAll(positions: readonly Position[], codePoint: number): readonly Position[] {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return [];
  const [only] = positions;
  if (only !== undefined && positions.length === 1) {
    const next = only.step(codePoint);
    return next.length < 2 ? next : distinct(next);
  }
  return distinct(positions.flatMap((position) => position.step(codePoint)));
}

function distinct(positions: readonly Position[]): readonly Position[] {
  const all = [...new Set(positions)];
  return all.length > limits.threads ? all.slice(0, limits.threads) : all;
}
