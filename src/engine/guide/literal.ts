import { type Node, none, type Position, type Rest, type Shortest } from './grammar.ts';
import { behind, Trie } from './trie.ts';

/** One of a set of texts, letter by letter as they are: values of an enum, keys, frames. */
export class Literal implements Node {
  readonly #trie: Trie;
  readonly length: number;
  readonly height = 0;
  readonly parts = null;
  readonly needs = null;
  readonly lead: string;

  constructor(words: Iterable<string>) {
    this.#trie = Trie.of(words);
    this.length = this.#trie.shortest()?.length ?? Number.POSITIVE_INFINITY;
    this.lead = this.#trie.lead;
  }

  measure(): boolean {
    return false;
  }

  enter(rest: Rest): Position {
    return new InLiteral(this.#trie, '', rest, rest.taken ?? []);
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    return this.enter(rest).step(codePoint);
  }

  shortest(taken: readonly string[] | null): Shortest | null {
    const text = this.#trie.shortest(taken ?? []);
    return text === null ? null : { text, value: text };
  }
}

class InLiteral implements Position {
  readonly #trie: Trie;
  readonly #text: string;
  readonly #rest: Rest;
  /** What is left of the taken words that begin like this one. */
  readonly #rivals: readonly string[];

  constructor(trie: Trie, text: string, rest: Rest, rivals: readonly string[]) {
    this.#trie = trie;
    this.#text = text;
    this.#rest = rest;
    this.#rivals = rivals;
  }

  get forced(): string {
    return this.#trie.lead;
  }

  step(codePoint: number): readonly Position[] {
    const trie = this.#trie.children.get(codePoint);
    if (trie === undefined) return none;
    const character = String.fromCodePoint(codePoint);
    const text = this.#text + character;
    const rivals = behind(this.#rivals, character).filter((word) => holds(trie, word));
    const ended = trie.ends && !rivals.includes('') ? this.#rest.after(text) : none;
    const longer = rivals.filter((word) => word !== '').length;
    if (trie.count - (trie.ends ? 1 : 0) <= longer) return ended;
    return [new InLiteral(trie, text, this.#rest, rivals), ...ended];
  }

  closing(): string {
    const text = this.#trie.shortest(this.#rivals) ?? '';
    return text + this.#rest.closing(this.#text + text);
  }
}

function holds(trie: Trie, word: string): boolean {
  let node: Trie | undefined = trie;
  for (const character of word) node = node?.children.get(character.codePointAt(0) ?? 0);
  return node?.ends === true;
}
