import { type Blanks, moreBlanks, noBlanks } from './blanks.ts';
import type { Node, Position, Rest } from './grammar.ts';

/** In front of a value, where whitespace may stand. */
export class Before implements Position {
  readonly #node: Node;
  readonly #rest: Rest;
  readonly #blank: '' | ' ';
  readonly #blanks: Blanks;

  /** `blank`: what `json.dumps` writes here. It is forced together with the value's lead only. */
  constructor(node: Node, rest: Rest, blank: '' | ' ', blanks: Blanks = noBlanks) {
    this.#node = node;
    this.#rest = rest;
    this.#blank = blank;
    this.#blanks = blanks;
  }

  get forced(): string {
    const { lead } = this.#node;
    return lead === '' || this.#blanks !== noBlanks ? lead : this.#blank + lead;
  }

  step(codePoint: number): readonly Position[] {
    const blanks = moreBlanks(this.#blanks, codePoint);
    if (blanks !== null) return [new Before(this.#node, this.#rest, this.#blank, blanks)];
    return this.#node.begin(codePoint, this.#rest);
  }

  closing(): string {
    const shortest = this.#node.shortest(this.#rest.taken);
    if (shortest === null) throw new Error('A position was entered that has no end.');
    return shortest.text + this.#rest.closing(shortest.value);
  }
}
