import { type Node, none, type Position, type Rest, type Shortest } from './grammar.ts';
import { type NumberBounds, NumberRules } from './number-rules.ts';

/** A number in digits. */
export class NumberNode implements Node {
  readonly length: number;
  readonly height = 0;
  readonly parts = null;
  readonly needs = null;
  readonly lead = '';
  readonly #rules: NumberRules;

  constructor(bounds: NumberBounds) {
    this.#rules = new NumberRules(bounds);
    this.length = this.#rules.complete('', numbersOf(null))?.length ?? Number.POSITIVE_INFINITY;
  }

  measure(): boolean {
    return false;
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    return new InNumber(this.#rules, '', '', rest, numbersOf(rest.taken)).step(codePoint);
  }

  shortest(taken: readonly string[] | null): Shortest | null {
    const text = this.#rules.complete('', numbersOf(taken));
    return text === null ? null : { text, value: String(Number(text)) };
  }
}

function numbersOf(jsonTexts: readonly string[] | null): ReadonlySet<number> {
  return new Set((jsonTexts ?? []).map(Number));
}

/** Keeps at hand one allowed number that begins with what stands there, so that there is an end. */
class InNumber implements Position {
  readonly forced = '';
  readonly #rules: NumberRules;
  readonly #text: string;
  readonly #whole: string;
  readonly #rest: Rest;
  readonly #taken: ReadonlySet<number>;

  constructor(
    rules: NumberRules,
    text: string,
    whole: string,
    rest: Rest,
    taken: ReadonlySet<number>,
  ) {
    this.#rules = rules;
    this.#text = text;
    this.#whole = whole;
    this.#rest = rest;
    this.#taken = taken;
  }

  step(codePoint: number): readonly Position[] {
    if (!isNumeric(codePoint)) return none;
    const text = this.#text + String.fromCharCode(codePoint);
    const whole = this.#rules.complete(text, this.#taken);
    if (whole === null) return none;
    const position = new InNumber(this.#rules, text, whole, this.#rest, this.#taken);
    return whole === text ? [position, ...this.#rest.after(String(Number(text)))] : [position];
  }

  closing(): string {
    return this.#whole.slice(this.#text.length) + this.#rest.closing(String(Number(this.#whole)));
  }
}

function isNumeric(codePoint: number): boolean {
  return (
    (codePoint >= 0x30 && codePoint <= 0x39) ||
    codePoint === 0x2d ||
    codePoint === 0x2b ||
    codePoint === 0x2e ||
    codePoint === 0x65 ||
    codePoint === 0x45
  );
}
