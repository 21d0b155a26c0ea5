import { isFormatPattern } from '../formats.ts';
import { AnyText, type Language } from '../language.ts';
import type { Machine } from '../machine.ts';
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
  machinesOf(pattern: string): readonly Machine[];
  otherThan(machine: Machine): Machine;
  lengthMachine(minimum: number, maximum: number): Machine;
  /** Null: too large. */
  intersection(machines: readonly Machine[]): Language | null;
}

/** Formats are the same in all schemas, and some take a tenth of a second to build. */
const formatLanguages = new Map<string, Language>();

function keyOf({ minLength, maxLength, patterns, without }: StringRules): string {
  return JSON.stringify([minLength, String(maxLength), patterns, without]);
}

function formatKey(pattern: string): string {
  return keyOf({
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    patterns: [pattern],
    without: [],
  });
}

/** Automata of strings, each built once. */
export class Languages {
  readonly #patterns: Patterns | null;
  readonly #known = new Map<string, Language>();

  constructor(patterns: Patterns | null) {
    this.#patterns = patterns;
  }

  /** Throws `invalid_request`; `pointer` is where the rules stand. */
  of(rules: StringRules, pointer: string): Language {
    const { minLength, maxLength, patterns, without } = rules;
    const key = keyOf(rules);
    const known = this.#known.get(key) ?? formatLanguages.get(key);
    if (known !== undefined) return known;
    const language =
      patterns.length === 0 && without.length === 0
        ? new AnyText(minLength, maxLength)
        : this.#build(rules, pointer);
    const isFormat = key === formatKey(patterns[0] ?? '') && isFormatPattern(patterns[0] ?? '');
    (isFormat ? formatLanguages : this.#known).set(key, language);
    return language;
  }

  #build({ minLength, maxLength, patterns, without }: StringRules, pointer: string): Language {
    const tools = this.#patterns;
    if (tools === null) throw new Error('Patterns were not loaded.');
    try {
      const machines = patterns.flatMap((pattern) => tools.machinesOf(pattern));
      for (const pattern of without) machines.push(...this.#complement(tools, pattern));
      if (minLength > 0 || maxLength < Number.POSITIVE_INFINITY)
        machines.push(tools.lengthMachine(minLength, maxLength));
      const language = tools.intersection(machines);
      if (language !== null) return language;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'RegexRefusal') throw error;
      throw refusal(
        'pattern',
        pointer,
        `${error.message} (${[...patterns, ...without].join(' and ')}).`,
      );
    }
    throw refusal('pattern', pointer, 'with its lengths and formats it is too large an automaton.');
  }

  #complement(tools: Patterns, pattern: string): Machine[] {
    const [machine, ...more] = tools.machinesOf(pattern);
    if (machine === undefined || more.length > 0)
      throw refusal(
        'patternProperties',
        '',
        `${pattern} looks ahead, which cannot be guaranteed here.`,
      );
    return [tools.otherThan(machine)];
  }
}
