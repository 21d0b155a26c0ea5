import { Dfa } from './dfa.ts';

export interface Range {
  min: number;
  max: number;
}

/** An automaton that finds its states while they are asked for. -1: nothing can follow any more. */
export interface Machine {
  readonly start: number;
  /** Sets of code points that it treats alike inside. */
  readonly alphabet: readonly (readonly Range[])[];
  step(state: number, codePoint: number): number;
  final(state: number): boolean;
}

/** Strings of so many code points, or more. */
export function lengthMachine(minimum: number): Machine {
  return {
    start: 0,
    alphabet: [],
    step: (state) => Math.min(state + 1, minimum),
    final: (state) => state >= minimum,
  };
}

/** All strings that are not those of `machine`. */
export function otherThan(machine: Machine): Machine {
  // State 0 is the one of strings that `machine` gave up on.
  return {
    start: machine.start + 1,
    alphabet: machine.alphabet,
    step: (state, codePoint) => (state === 0 ? 0 : machine.step(state - 1, codePoint) + 1),
    final: (state) => state === 0 || !machine.final(state - 1),
  };
}

/** A set of code points that no machine tells apart, surrogates left out. */
export interface CharacterClass {
  ranges: Range[];
  sample: number;
}

/** What the automata of one schema may still take: each that is built takes its part. */
export interface Budget {
  states: number;
  /** Of the automata's tables. */
  cells: number;
  /** Steps on the way to them. */
  visits: number;
}

/** The strings that are in all of `machines`; null: the automaton would be too large. */
export function intersection(machines: readonly Machine[], budget: Budget): Dfa | null {
  const classes = classesOf(machines.flatMap(({ alphabet }) => alphabet));
  const states: number[][] = [];
  const numbers = new Map<string, number>();
  const numberOf = (state: number[]): number => {
    const key = state.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push(state) - 1;
  };
  numberOf(machines.map(({ start }) => start));
  const rows: Int32Array[] = [];
  for (let index = 0; index < states.length; index += 1) {
    if (states.length > budget.states) return null;
    if (states.length * classes.length > budget.cells) return null;
    const state = states[index] ?? [];
    const row = new Int32Array(classes.length).fill(-1);
    for (const [at, { sample }] of classes.entries()) {
      const next = stepAll(machines, state, sample);
      if (next !== null) row[at] = numberOf(next);
    }
    rows.push(row);
  }
  budget.states -= states.length;
  budget.cells -= states.length * classes.length;
  const finals = states.map((state) =>
    machines.every((machine, index) => machine.final(state[index] ?? -1)),
  );
  return Dfa.of(classes, rows, finals);
}

function stepAll(machines: readonly Machine[], state: number[], sample: number): number[] | null {
  const next: number[] = [];
  for (const [index, machine] of machines.entries()) {
    const target = machine.step(state[index] ?? -1, sample);
    if (target < 0) return null;
    next.push(target);
  }
  return next;
}

function classesOf(alphabet: readonly (readonly Range[])[]): CharacterClass[] {
  const starts = new Set([0, 0xd800, 0xe000]);
  for (const { min, max } of alphabet.flat()) starts.add(min).add(max + 1);
  const sorted = [...starts].filter((at) => at <= 0x10ffff).sort((a, b) => a - b);
  const cursors = alphabet.map(() => 0);
  const classes = new Map<string, CharacterClass>();
  for (const [index, min] of sorted.entries()) {
    if (min >= 0xd800 && min < 0xe000) continue;
    const max = (sorted[index + 1] ?? 0x110000) - 1;
    const members: number[] = [];
    for (const [set, ranges] of alphabet.entries()) {
      let cursor = cursors[set] ?? 0;
      while ((ranges[cursor]?.max ?? Number.POSITIVE_INFINITY) < min) cursor += 1;
      cursors[set] = cursor;
      if ((ranges[cursor]?.min ?? Number.POSITIVE_INFINITY) <= min) members.push(set);
    }
    const key = members.join();
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { ranges: [{ min, max }], sample: min });
    else known.ranges.push({ min, max });
  }
  return [...classes.values()];
}
