import { escapeAt } from './escape.ts';
import { type Node, none, type Position, type Rest, type Shortest } from './grammar.ts';
import { hasOther, type Language, shortWord } from './language.ts';
import { behind } from './trie.ts';

/** A string in quotes, free or one of a language. */
export class StringNode implements Node {
  readonly #language: Language;
  readonly length: number;
  readonly height = 0;
  readonly parts = null;
  readonly needs = null;
  readonly lead = '"';

  constructor(language: Language) {
    this.#language = language;
    this.length = this.shortest(null)?.text.length ?? Number.POSITIVE_INFINITY;
  }

  measure(): boolean {
    return false;
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    if (codePoint !== 0x22) return none;
    const taken = stringsOf(rest.taken);
    if (!hasOther(this.#language, this.#language.start, taken)) return none;
    return [new InString(this.#language, this.#language.start, rest, '', taken)];
  }

  shortest(taken: readonly string[] | null): Shortest | null {
    const word = shortWord(this.#language, this.#language.start, stringsOf(taken));
    if (word === null) return null;
    const text = JSON.stringify(word);
    return { text, value: text };
  }
}

const noStrings: readonly string[] = [];

function stringsOf(jsonTexts: readonly string[] | null): readonly string[] {
  if (jsonTexts === null || jsonTexts.length === 0) return noStrings;
  return jsonTexts.flatMap((text) => (text.startsWith('"') ? [String(JSON.parse(text))] : []));
}

/** Between the quotes. */
export class InString implements Position {
  readonly language: Language;
  readonly #state: number;
  readonly #rest: Rest;
  /** The string so far, where somebody asks for it. */
  readonly #text: string;
  /** What is left of the taken strings that begin like this one. */
  readonly #rivals: readonly string[];
  readonly skip?: (text: string, from: number) => number;

  constructor(
    language: Language,
    state: number,
    rest: Rest,
    text: string,
    rivals: readonly string[],
  ) {
    this.language = language;
    this.#state = state;
    this.#rest = rest;
    this.#text = text;
    this.#rivals = rivals;
    if (language.free && rest.taken === null) this.skip = skipPlain;
  }

  get forced(): string {
    const codePoint = this.language.only(this.#state);
    if (codePoint < 0x20 || codePoint > 0x7e) return '';
    return JSON.stringify(String.fromCodePoint(codePoint)).slice(1, -1);
  }

  step(codePoint: number): readonly Position[] {
    if (codePoint === 0x22) return this.#end();
    if (codePoint === 0x5c) return escapeAt(this);
    if (codePoint < 0x20) return none;
    return this.take(codePoint);
  }

  /** With one more character of the string, however it is spelled. */
  take(codePoint: number): readonly Position[] {
    if (this.skip !== undefined) return [this];
    const character = String.fromCodePoint(codePoint);
    const state = this.language.step(this.#state, codePoint);
    const rivals = behind(this.#rivals, character);
    if (!hasOther(this.language, state, rivals)) return none;
    const text = this.#rest.taken === null ? '' : this.#text + character;
    return [new InString(this.language, state, this.#rest, text, rivals)];
  }

  /** The least character between two that may come next; -1: none. */
  first(low: number, high: number): number {
    if (this.skip !== undefined) return low >= 0xd800 && low <= 0xdfff ? -1 : low;
    const found = this.language.first(this.#state, low, high);
    return found >= 0 && this.take(found).length > 0 ? found : -1;
  }

  closing(): string {
    const word = shortWord(this.language, this.#state, this.#rivals) ?? '';
    const rest = JSON.stringify(word).slice(1);
    return rest + this.#rest.closing(JSON.stringify(this.#text + word));
  }

  #end(): readonly Position[] {
    if (!this.language.final(this.#state) || this.#rivals.includes('')) return none;
    return this.#rest.after(this.#rest.taken === null ? '' : JSON.stringify(this.#text));
  }
}

function skipPlain(text: string, from: number): number {
  let index = from;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x5c || unit < 0x20 || (unit >= 0xd800 && unit <= 0xdfff)) break;
    index += 1;
  }
  return index;
}
