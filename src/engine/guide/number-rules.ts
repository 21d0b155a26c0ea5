import { ceilAt, type Decimal, decimalOf, floorAt, leastMultiple, stepAt } from './decimal.ts';

/** What the keywords of a schema ask of a number. */
export interface NumberBounds {
  integer: boolean;
  minimum: number;
  maximum: number;
  exclusiveMinimum: number;
  exclusiveMaximum: number;
  multiplesOf: readonly number[];
}

export const anyNumber: NumberBounds = {
  integer: false,
  minimum: Number.NEGATIVE_INFINITY,
  maximum: Number.POSITIVE_INFINITY,
  exclusiveMinimum: Number.NEGATIVE_INFINITY,
  exclusiveMaximum: Number.POSITIVE_INFINITY,
  multiplesOf: [],
};

/** Fifteen digits are the most that a double keeps apart. */
const digits = 15;
/** Without bounds nothing is calculated, and identifiers are longer than that. */
const unboundDigits = 20;
const fractionDigits = 12;
const ceiling = 10n ** BigInt(digits);

/** Which magnitudes of one sign are allowed, as whole numbers of `10 ** -places`. */
interface Grid {
  low: number;
  high: number;
  step: number;
}

/** Ajv reads a quotient as text, where numbers from 1e21 on have an exponent. */
function isCount(quotient: number): boolean {
  return Number.isInteger(quotient) && Math.abs(quotient) < 1e21;
}

/** Judges spellings of numbers, and finds out how a spelling can still become an allowed one. */
export class NumberRules {
  readonly #bounds: NumberBounds;
  readonly #unbound: boolean;
  readonly #places: number;
  readonly #grids: Record<'' | '-', readonly Grid[]>;

  constructor(bounds: NumberBounds) {
    this.#bounds = bounds;
    this.#unbound =
      bounds.multiplesOf.length === 0 &&
      Math.max(bounds.minimum, bounds.exclusiveMinimum) === Number.NEGATIVE_INFINITY &&
      Math.min(bounds.maximum, bounds.exclusiveMaximum) === Number.POSITIVE_INFINITY;
    this.#places = bounds.integer ? 0 : fractionDigits;
    this.#grids = { '': gridsOf(bounds, 1, this.#places), '-': gridsOf(bounds, -1, this.#places) };
  }

  /** As validators calculate in doubles. */
  allows(value: number): boolean {
    const { integer, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = this.#bounds;
    return (
      Number.isFinite(value) &&
      (!integer || Number.isInteger(value)) &&
      value >= minimum &&
      value <= maximum &&
      (value > exclusiveMinimum || exclusiveMinimum === Number.NEGATIVE_INFINITY) &&
      (value < exclusiveMaximum || exclusiveMaximum === Number.POSITIVE_INFINITY) &&
      this.#bounds.multiplesOf.every((multiple) => isCount(value / multiple))
    );
  }

  /** A whole spelling that begins with `text`, is allowed and not in `taken`; null: none is known. */
  complete(text: string, taken: ReadonlySet<number>): string | null {
    const parts = /^(-?)(\d*)(?:(\.)(\d*))?(?:([eE])([+-]?)(\d*))?$/.exec(text);
    if (parts === null) return null;
    const [, sign = '', whole = '', point = '', fraction = '', e = '', , exponent = ''] = parts;
    if (whole === '' && (point !== '' || e !== '')) return null;
    if (/^0\d/.test(whole) || (point !== '' && this.#bounds.integer)) return null;
    const room = (this.#unbound ? unboundDigits : digits) - whole.length - fraction.length;
    if (room < 0) return null;
    if (e !== '') {
      if (!this.#unbound || this.#bounds.integer || exponent.length > 2) return null;
      if (point !== '' && fraction === '') return null;
      return this.#first(text, exponent === '' ? ['0', '1', '2'] : ['', '0', '1'], taken);
    }
    const quick = /\d$/.test(text) ? '' : '0';
    if (quick.length <= room && this.#good(text + quick, taken)) return text + quick;
    return this.#search(sign === '-' ? '-' : '', whole, point === '' ? null : fraction, taken);
  }

  #first(text: string, rests: readonly string[], taken: ReadonlySet<number>): string | null {
    const rest = rests.find((digit) => this.#good(text + digit, taken));
    return rest === undefined ? null : text + rest;
  }

  #good(text: string, taken: ReadonlySet<number>): boolean {
    const value = Number(text);
    return this.allows(value) && !taken.has(value);
  }

  #search(
    sign: '' | '-',
    whole: string,
    fraction: string | null,
    taken: ReadonlySet<number>,
  ): string | null {
    for (let places = fraction?.length ?? 0; places <= this.#places; places += 1) {
      if (fraction !== null && places === 0) continue;
      const grid = this.#grids[sign][places];
      if (grid === undefined) continue;
      for (const [low, high] of spellings(whole, fraction, places)) {
        const found = this.#inside(grid, low, high, sign, places, taken);
        if (found !== null) return found;
      }
    }
    return sign === '' && whole === '' ? this.#search('-', '', null, taken) : null;
  }

  /** The least allowed magnitude between two. */
  #inside(
    { low, high, step }: Grid,
    from: number,
    to: number,
    sign: string,
    places: number,
    taken: ReadonlySet<number>,
  ): string | null {
    const last = Math.min(high, to);
    let magnitude = Math.ceil(Math.max(low, from) / step) * step;
    // Not every multiple is one in doubles (0.3 / 0.1); a hundred that are not do not come in a row.
    for (let tries = 100 + taken.size; tries > 0 && magnitude <= last; tries -= 1) {
      const text = sign + spell(magnitude, places);
      if (this.#good(text, taken)) return text;
      magnitude += step;
    }
    return null;
  }
}

function spell(magnitude: number, places: number): string {
  const text = String(magnitude).padStart(places + 1, '0');
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** From the shortest on: which whole numbers of `10 ** -places` have spellings that begin so. */
function* spellings(
  whole: string,
  fraction: string | null,
  places: number,
): Generator<readonly [number, number]> {
  const room = digits - places;
  if (fraction !== null || whole === '0') {
    if (whole.length <= room)
      yield around(`${whole}${fraction ?? ''}`, places - (fraction ?? '').length);
    return;
  }
  if (whole === '') yield [0, 10 ** (places + 1) - 1];
  for (let length = Math.max(whole.length, whole === '' ? 2 : 1); length <= room; length += 1) {
    if (whole === '') yield [10 ** (length - 1 + places), 10 ** (length + places) - 1];
    else yield around(whole, length - whole.length + places);
  }
}

function around(text: string, more: number): readonly [number, number] {
  const factor = 10 ** more;
  return [Number(text) * factor, Number(text) * factor + factor - 1];
}

function gridsOf(bounds: NumberBounds, sign: 1 | -1, places: number): Grid[] {
  const multiples = bounds.multiplesOf.map(decimalOf);
  return Array.from({ length: places + 1 }, (_, at) => gridAt(bounds, multiples, sign, at));
}

function gridAt(
  bounds: NumberBounds,
  multiples: readonly Decimal[],
  sign: 1 | -1,
  places: number,
): Grid {
  const flip = (value: number) => value * sign;
  const [least, open, most, openMost] =
    sign === 1
      ? [bounds.minimum, bounds.exclusiveMinimum, bounds.maximum, bounds.exclusiveMaximum]
      : [bounds.maximum, bounds.exclusiveMaximum, bounds.minimum, bounds.exclusiveMinimum].map(
          flip,
        );
  const lows = [
    0n,
    at(least, (value) => ceilAt(value, places)),
    at(open, (value) => floorAt(value, places) + 1n),
  ];
  const highs = [
    ceiling - 1n,
    at(most, (value) => floorAt(value, places)),
    at(openMost, (value) => ceilAt(value, places) - 1n),
  ];
  const step = multiples.map((value) => stepAt(value, places)).reduce(leastMultiple, 1n);
  return {
    low: Number(lows.reduce((a, b) => (b !== null && (a === null || b > a) ? b : a)) ?? 0n),
    high: Number(highs.reduce((a, b) => (b !== null && (a === null || b < a) ? b : a)) ?? 0n),
    step: Number(step),
  };
}

/** Null where there is no bound. */
function at(bound: number | undefined, scale: (value: Decimal) => bigint): bigint | null {
  return bound === undefined || !Number.isFinite(bound) ? null : scale(decimalOf(bound));
}
