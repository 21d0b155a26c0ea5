import type { Language } from './language.ts';
import type { CharacterClass, Range } from './machine.ts';

/** Counts above this are as good as infinite: no text holds so many strings. */
const veryMany = 1e9;
/** Strings that are longer than the shortest by more than this are not counted where lengths matter. */
const countedLengths = 16;

/** A finite automaton as a table, without states that cannot come to an end. */
export class Dfa implements Language {
  readonly start: number;
  readonly free: boolean;
  readonly #classes: readonly CharacterClass[];
  readonly #sizes: readonly number[];
  readonly #rows: readonly Int32Array[];
  readonly #finals: readonly boolean[];
  readonly #counts: readonly number[];
  readonly #distances: readonly number[];
  readonly #ascii: Int32Array;
  readonly #starts: readonly number[];
  readonly #classAt: readonly number[];
  /** By state: how many strings end from there that are longer than the shortest by at most the index. */
  readonly #layers: number[][] = [];

  private constructor(
    classes: readonly CharacterClass[],
    rows: readonly Int32Array[],
    finals: readonly boolean[],
  ) {
    this.#classes = classes;
    this.#sizes = classes.map(({ ranges }) =>
      ranges.reduce((sum, { min, max }) => sum + max - min + 1, 0),
    );
    this.#distances = distancesOf(rows, finals);
    this.#rows = rows.map((row) =>
      row.map((target) => (target >= 0 && (this.#distances[target] ?? -1) >= 0 ? target : -1)),
    );
    this.#finals = finals;
    this.start = (this.#distances[0] ?? -1) >= 0 ? 0 : -1;
    this.#counts = countsOf(this.#rows, finals, this.#sizes);
    const intervals = classes
      .flatMap(({ ranges }, index) => ranges.map((range) => ({ ...range, index })))
      .sort((a, b) => a.min - b.min);
    this.#starts = intervals.map(({ min }) => min);
    this.#classAt = intervals.map(({ index }) => index);
    this.#ascii = Int32Array.from({ length: 128 }, (_, codePoint) => this.#search(codePoint));
    this.free =
      this.start === 0 &&
      this.#rows.length === 1 &&
      finals[0] === true &&
      !this.#rows[0]?.includes(-1);
  }

  static of(
    classes: readonly CharacterClass[],
    rows: readonly Int32Array[],
    finals: readonly boolean[],
  ): Dfa {
    return new Dfa(classes, rows, finals);
  }

  step(state: number, codePoint: number): number {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) return -1;
    const at = codePoint < 128 ? this.#ascii[codePoint] : this.#search(codePoint);
    return this.#rows[state]?.[at ?? -1] ?? -1;
  }

  final(state: number): boolean {
    return this.#finals[state] ?? false;
  }

  count(state: number): number {
    return this.#counts[state] ?? 0;
  }

  /** States have numbers below it. */
  get size(): number {
    return this.#rows.length;
  }

  /** Characters of the shortest string that ends from `state` on. */
  distance(state: number): number {
    return this.#distances[state] ?? -1;
  }

  /** How many strings of at most `length` characters end from `state` on, or a few less. */
  countWithin(state: number, length: number): number {
    const longer = Math.min(length - this.distance(state), countedLengths);
    while (this.#layers.length <= longer) this.#layers.push(this.#nextLayer());
    return this.#layers[longer]?.[state] ?? 0;
  }

  #nextLayer(): number[] {
    const at = this.#layers.length;
    const layer = this.#finals.map(Number);
    const layers = [...this.#layers, layer];
    const nearestFirst = [...this.#distances.keys()].sort(
      (a, b) => this.distance(a) - this.distance(b),
    );
    for (const state of nearestFirst) {
      let count = layer[state] ?? 0;
      for (const [index, target] of this.#rows[state]?.entries() ?? []) {
        if (target < 0) continue;
        const longer = at + this.distance(state) - 1 - this.distance(target);
        count += (this.#sizes[index] ?? 0) * (layers[longer]?.[target] ?? 0);
      }
      layer[state] = count > veryMany ? Number.POSITIVE_INFINITY : count;
    }
    return layer;
  }

  /** `room`: only ways that can end within so many characters behind the next one. */
  first(state: number, low: number, high: number, room = Number.POSITIVE_INFINITY): number {
    let least = -1;
    for (const { ranges } of this.#open(state, room)) {
      const range = ranges.find(({ min, max }) => max >= low && min <= high);
      if (range === undefined) continue;
      const found = Math.max(range.min, low);
      if (least < 0 || found < least) least = found;
    }
    return least;
  }

  *ways(state: number, room = Number.POSITIVE_INFINITY): Iterable<number> {
    const open = this.#open(state, room).sort((a, b) => a.distance - b.distance);
    for (const { ranges } of open) yield* plainFirst(ranges);
  }

  only(state: number, room = Number.POSITIVE_INFINITY): number {
    if (this.final(state)) return -1;
    const [single, ...others] = this.#open(state, room);
    if (single === undefined || others.length > 0) return -1;
    const [range] = single.ranges;
    return single.ranges.length === 1 && range?.min === range?.max ? (range?.min ?? -1) : -1;
  }

  /** Characters that may come next, and how far the end is behind them. */
  #open(state: number, room: number): { ranges: readonly Range[]; distance: number }[] {
    const row = this.#rows[state];
    return this.#classes
      .map(({ ranges }, at) => ({ ranges, distance: this.distance(row?.[at] ?? -1) }))
      .filter(({ distance }) => distance >= 0 && distance <= room);
  }

  #search(codePoint: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= codePoint) low = middle;
      else high = middle - 1;
    }
    return this.#classAt[low] ?? -1;
  }
}

/** Letters and digits before anything that would look odd in a text. */
function* plainFirst(ranges: readonly Range[]): Iterable<number> {
  const plain: Range[] = [
    { min: 0x61, max: 0x7a },
    { min: 0x30, max: 0x39 },
    { min: 0x41, max: 0x5a },
    { min: 0x20, max: 0x7e },
  ];
  for (const { min, max } of plain)
    for (const range of ranges)
      for (let at = Math.max(min, range.min); at <= Math.min(max, range.max); at += 1) yield at;
  for (const { min, max } of ranges) for (let at = min; at <= max; at += 1) yield at;
}

/** Steps to the nearest end of each state; -1: there is none. */
function distancesOf(rows: readonly Int32Array[], finals: readonly boolean[]): number[] {
  const sources = sourcesOf(rows);
  const distances = finals.map((final): number => (final ? 0 : -1));
  const queue = [...finals.keys()].filter((state) => finals[state]);
  for (const state of queue)
    for (const source of sources[state] ?? []) {
      if ((distances[source] ?? 0) >= 0) continue;
      distances[source] = (distances[state] ?? 0) + 1;
      queue.push(source);
    }
  return distances;
}

function countsOf(
  rows: readonly Int32Array[],
  finals: readonly boolean[],
  sizes: readonly number[],
): number[] {
  const sources = sourcesOf(rows);
  const open = rows.map((row) => row.filter((target) => target >= 0).length);
  const counts = rows.map(() => Number.POSITIVE_INFINITY);
  const ready = [...open.keys()].filter((state) => open[state] === 0);
  for (const state of ready) {
    let count = finals[state] ? 1 : 0;
    for (const [at, target] of rows[state]?.entries() ?? [])
      if (target >= 0) count += (sizes[at] ?? 0) * (counts[target] ?? 0);
    counts[state] = count > veryMany ? Number.POSITIVE_INFINITY : count;
    for (const source of sources[state] ?? []) {
      open[source] = (open[source] ?? 0) - 1;
      if (open[source] === 0) ready.push(source);
    }
  }
  return counts;
}

/** The states that lead to each state, once per way. */
function sourcesOf(rows: readonly Int32Array[]): number[][] {
  const sources: number[][] = rows.map(() => []);
  for (const [state, row] of rows.entries())
    for (const target of row) if (target >= 0) sources[target]?.push(state);
  return sources;
}
