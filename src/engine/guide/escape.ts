import { none, type Position } from './grammar.ts';
import type { InString } from './string.ts';

const short = new Map([
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/** Behind the backslash of a string, if any escape may stand there. */
export function escapeAt(string: InString): readonly Position[] {
  const position = new Escape(string);
  return position.shortest() === null ? none : [position];
}

class Escape implements Position {
  readonly forced = '';
  readonly #string: InString;

  constructor(string: InString) {
    this.#string = string;
  }

  step(codePoint: number): readonly Position[] {
    if (codePoint === 0x75) return inHex(this.#string, '', 0);
    const escaped = short.get(String.fromCodePoint(codePoint));
    // Where a string follows a pattern, characters have one spelling, so that they can be forced.
    if (escaped === undefined || (escaped === 0x2f && !this.#string.language.free)) return none;
    return this.#string.take(escaped);
  }

  closing(): string {
    const [text, string] = this.shortest() ?? [];
    if (text === undefined || string === undefined)
      throw new Error('An escape was entered that has no end.');
    return text + string.closing();
  }

  shortest(): readonly [string, Position] | null {
    for (const [text] of short) {
      const [position] = this.step(text.charCodeAt(0));
      if (position !== undefined) return [text, position];
    }
    const [hex] = inHex(this.#string, '', 0);
    return hex === undefined ? null : ['u', hex];
  }
}

/** Behind `\u` and up to three digits; `high`: the first half of a pair, 0 where there is none. */
function inHex(string: InString, digits: string, high: number): readonly Position[] {
  const found = leastEscape(string, digits, high);
  return found === null ? none : [new Hex(string, digits, high, found)];
}

class Hex implements Position {
  readonly forced = '';
  readonly #string: InString;
  readonly #digits: string;
  readonly #high: number;
  readonly #codePoint: number;

  constructor(string: InString, digits: string, high: number, codePoint: number) {
    this.#string = string;
    this.#digits = digits;
    this.#high = high;
    this.#codePoint = codePoint;
  }

  step(codePoint: number): readonly Position[] {
    const digit = String.fromCodePoint(codePoint);
    if (!/^[0-9a-fA-F]$/.test(digit)) return none;
    const digits = this.#digits + digit;
    if (digits.length < 4) return inHex(this.#string, digits, this.#high);
    const unit = Number.parseInt(digits, 16);
    if (this.#high !== 0) return this.#string.take(joined(this.#high, unit));
    if (unit < 0xd800 || unit > 0xdfff)
      return leastEscape(this.#string, digits, 0) === null ? none : this.#string.take(unit);
    return leastEscape(this.#string, digits, 0) === null
      ? none
      : [new LowHalf(this.#string, unit, '')];
  }

  closing(): string {
    const spelled = spellings(this.#codePoint);
    const text = this.#high === 0 ? spelled : spelled.slice(6);
    const [next] = this.#string.take(this.#codePoint);
    return text.slice(2 + this.#digits.length) + (next?.closing() ?? '');
  }
}

/** Between the two escapes of a surrogate pair: `\u` has to follow. */
class LowHalf implements Position {
  readonly #string: InString;
  readonly #high: number;
  readonly #text: string;

  constructor(string: InString, high: number, text: '' | '\\') {
    this.#string = string;
    this.#high = high;
    this.#text = text;
  }

  get forced(): string {
    return '\\u'.slice(this.#text.length);
  }

  step(codePoint: number): readonly Position[] {
    if (this.#text === '')
      return codePoint === 0x5c ? [new LowHalf(this.#string, this.#high, '\\')] : none;
    return codePoint === 0x75 ? inHex(this.#string, '', this.#high) : none;
  }

  closing(): string {
    const [hex] = inHex(this.#string, '', this.#high);
    return this.forced + (hex?.closing() ?? '');
  }
}

/** The least character that the string may go on with and whose escape begins so. */
function leastEscape(string: InString, digits: string, high: number): number | null {
  const low = Number.parseInt(digits.padEnd(4, '0'), 16);
  const top = Number.parseInt(digits.padEnd(4, 'f'), 16);
  if (high !== 0)
    return within(string, joined(high, clamp(low)), joined(high, clamp(top)), low, top);
  const direct = string.language.free
    ? string.first(low, Math.min(top, 0xd7ff))
    : firstNonPlain(string, low, top);
  if (direct >= 0 && direct >= low && direct <= top) return direct;
  const from = Math.max(low, 0xd800);
  const to = Math.min(top, 0xdbff);
  if (from > to) return null;
  const pair = string.first(joined(from, 0xdc00), joined(to, 0xdfff));
  return pair < 0 ? null : pair;
}

function within(
  string: InString,
  from: number,
  to: number,
  low: number,
  top: number,
): number | null {
  if (top < 0xdc00 || low > 0xdfff) return null;
  const found = string.first(from, to);
  return found < 0 ? null : found;
}

function clamp(unit: number): number {
  return Math.min(Math.max(unit, 0xdc00), 0xdfff);
}

/** Plain ASCII is never spelled `\u` where a string follows a pattern. */
function firstNonPlain(string: InString, low: number, top: number): number {
  const ranges = [
    [0, 0x1f],
    [0x7f, 0xd7ff],
    [0xe000, 0xffff],
  ] as const;
  for (const [from, to] of ranges) {
    const found =
      Math.max(low, from) <= Math.min(top, to)
        ? string.first(Math.max(low, from), Math.min(top, to))
        : -1;
    if (found >= 0) return found;
  }
  return -1;
}

function joined(high: number, low: number): number {
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/** The escape (or two) of a character. */
function spellings(codePoint: number): string {
  const text = String.fromCodePoint(codePoint);
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
