import { AtMost } from '../at-most.ts';
import type { Dfa } from '../dfa.ts';
import { isFormatPattern } from '../formats.ts';
import { AnyText, type Language } from '../language.ts';
import { limits } from '../limits.ts';
import type { Budget, Machine } from '../machine.ts';
import { refusal } from './refusal.ts';

/** What is asked of a string, or of a key. */
export interface StringRules {
  minLength: number;
  maxLength: number;
  patterns: readonly string[];
  /** Patterns that must not be found. */
  without: readonly string[];
}

/** The part that understands regular expressions; much code, so only loaded where there are any. */
export interface Patterns {
  /** Throws RegexRefusal. */
  machinesOf(pattern: string, budget: Budget): readonly Machine[];
  otherThan(machine: Machine): Machine;
  lengthMachine(minimum: number): Machine;
  /** Null: too large. */
  intersection(machines: readonly Machine[], budget: Budget): Dfa | null;
}

/** Characters of a pattern that an error repeats. */
const longestTold = 200;

type DfaRules = Omit<StringRules, 'maxLength'>;

/** Formats are the same in all schemas, and some take a tenth of a second to build. */
const formatLanguages = new Map<string, Dfa>();

/** Automata of strings, each built once. */
export class Languages {
  readonly #patterns: Patterns | null;
  readonly #known = new Map<string, Dfa>();
  readonly #budget = freshBudget();

  constructor(patterns: Patterns | null) {
    this.#patterns = patterns;
  }

  /** Throws `invalid_request`; `pointer` is where the rules stand. */
  of({ maxLength, ...rules }: StringRules, pointer: string): Language {
    const { minLength, patterns, without } = rules;
    if (patterns.length === 0 && without.length === 0) return new AnyText(minLength, maxLength);
    const dfa = this.#dfa(rules, pointer);
    return maxLength === Number.POSITIVE_INFINITY ? dfa : new AtMost(dfa, maxLength);
  }

  #dfa(rules: DfaRules, pointer: string): Dfa {
    const { minLength, patterns, without } = rules;
    const [first = ''] = patterns;
    const isFormat =
      minLength + without.length === 0 && patterns.length === 1 && isFormatPattern(first);
    const all = isFormat ? formatLanguages : this.#known;
    const key = JSON.stringify([minLength, patterns, without]);
    const known = all.get(key);
    if (known !== undefined) return known;
    const dfa = this.#longEnough(rules, pointer) ?? this.#build(rules, isFormat, pointer);
    all.set(key, dfa);
    return dfa;
  }

  /** What `minLength` leaves as it is; null: it may not. */
  #longEnough(rules: DfaRules, pointer: string): Dfa | null {
    if (rules.minLength === 0) return null;
    const dfa = this.#dfa({ ...rules, minLength: 0 }, pointer);
    return dfa.start < 0 || dfa.distance(dfa.start) >= rules.minLength ? dfa : null;
  }

  #build({ minLength, patterns, without }: DfaRules, isFormat: boolean, pointer: string): Dfa {
    const tools = this.#patterns;
    if (tools === null) throw new Error('Patterns were not loaded.');
    const budget = isFormat ? freshBudget() : this.#budget;
    try {
      const machines = patterns.flatMap((pattern) => tools.machinesOf(pattern, budget));
      for (const pattern of without) machines.push(...this.#complement(tools, pattern));
      if (minLength > 0) machines.push(tools.lengthMachine(minLength));
      const dfa = tools.intersection(machines, budget);
      if (dfa !== null) return dfa;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'RegexRefusal') throw error;
      const told = [...patterns, ...without].join(' and ').slice(0, longestTold);
      throw refusal('pattern', pointer, `${error.message} (${told}).`);
    }
    throw refusal('pattern', pointer, 'the patterns of the schema are too large as automata.');
  }

  #complement(tools: Patterns, pattern: string): Machine[] {
    const [machine, ...more] = tools.machinesOf(pattern, this.#budget);
    if (machine === undefined || more.length > 0)
      throw refusal(
        'patternProperties',
        '',
        `${pattern} looks ahead, which cannot be guaranteed here.`,
      );
    return [tools.otherThan(machine)];
  }
}

function freshBudget(): Budget {
  return {
    states: limits.regexStates,
    cells: limits.regexCells,
    visits: limits.regexVisits,
  };
}
