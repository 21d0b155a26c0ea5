import type { Node } from '../grammar.ts';
import { accepts, type Language } from '../language.ts';
import { limits } from '../limits.ts';
import { ObjectNode } from '../object.ts';
import type { Extra } from '../object-shape.ts';
import { branchesOf } from './branches.ts';
import type { Workshop } from './compiler.ts';
import type { StringRules } from './languages.ts';
import { refusal } from './refusal.ts';
import type { Schema } from './schema.ts';

/** Patterns of keys make as many kinds of keys as there are subsets of them. */
const mostPatterns = 4;

const anyKey: StringRules = {
  minLength: 0,
  maxLength: Number.POSITIVE_INFINITY,
  patterns: [],
  without: [],
};

/** The objects that satisfy all of `schemas`. */
export function objectOf(schemas: readonly Schema[], workshop: Workshop): Node[] {
  const { pointer } = schemas.findLast(({ hints }) => hints.has('object')) ?? { pointer: '' };
  const minimum = Math.max(...schemas.map(({ minProperties }) => minProperties));
  const maximum = Math.min(...schemas.map(({ maxProperties }) => maxProperties));
  const required = new Set(schemas.flatMap((schema) => schema.required));
  if (minimum > maximum || required.size > maximum) {
    const keyword = minimum > maximum ? 'minProperties' : 'required';
    workshop.conflict({ keyword, pointer, why: 'it is more than maxProperties.' });
    return [];
  }
  if (minimum > limits.differentOnes)
    throw refusal(
      'minProperties',
      pointer,
      `more than ${limits.differentOnes} cannot be guaranteed.`,
    );
  const keys = new Keys(schemas, pointer, workshop);
  const names = new Set([
    ...schemas.flatMap(({ properties }) => [...properties.keys()]),
    ...required,
  ]);
  const properties = [...names]
    .filter((name) => keys.allows(name))
    .map((name) => ({ name, required: required.has(name), node: keys.declared(name) }));
  const missing = [...required].find((name) => !keys.allows(name));
  if (missing !== undefined) {
    const why = `the required property ${missing} is no valid name.`;
    workshop.conflict({ keyword: 'propertyNames', pointer, why });
    return [];
  }
  return [new ObjectNode({ properties, extras: keys.extras(), minimum, maximum })];
}

/** Which keys an object may have, and what stands behind them. */
class Keys {
  readonly #schemas: readonly Schema[];
  readonly #pointer: string;
  readonly #workshop: Workshop;
  readonly #patterns: readonly string[];
  readonly #rules: StringRules | null;

  constructor(schemas: readonly Schema[], pointer: string, workshop: Workshop) {
    this.#schemas = schemas;
    this.#pointer = pointer;
    this.#workshop = workshop;
    this.#patterns = [
      ...new Set(schemas.flatMap(({ patternProperties }) => [...patternProperties.keys()])),
    ];
    if (this.#patterns.length > mostPatterns)
      throw refusal('patternProperties', pointer, `more than ${mostPatterns} patterns.`);
    this.#rules = this.#nameRules();
  }

  allows(name: string): boolean {
    return this.#rules !== null && accepts(this.#language(this.#rules), name);
  }

  declared(name: string): Node {
    const found = this.#patterns.filter((pattern) => this.#finds(pattern, name));
    return this.#node(found, (schema) => schema.properties.get(name));
  }

  extras(): Extra[] {
    const rules = this.#rules;
    if (rules === null || this.#schemas.some(isClosed)) return [];
    return subsets(this.#patterns).map((found) => {
      const without = this.#patterns.filter((pattern) => !found.includes(pattern));
      const keys = this.#language({ ...rules, patterns: [...rules.patterns, ...found], without });
      return { keys, node: this.#node(found, () => undefined) };
    });
  }

  /** What all schemas say of a key in which the patterns `found` are found. */
  #node(found: readonly string[], own: (schema: Schema) => Schema | undefined): Node {
    const parts = this.#schemas.flatMap((schema) => {
      const special = [
        own(schema),
        ...found.map((pattern) => schema.patternProperties.get(pattern)),
      ];
      const known = special.filter((part) => part !== undefined);
      if (known.length > 0 || schema.additionalProperties === null) return known;
      return [schema.additionalProperties];
    });
    return this.#workshop.node(parts);
  }

  #finds(pattern: string, name: string): boolean {
    return accepts(this.#language({ ...anyKey, patterns: [pattern] }), name);
  }

  #language(rules: StringRules): Language {
    return this.#workshop.languages.of(rules, this.#pointer);
  }

  /** `propertyNames`, as one rule for all names; null: no name is allowed. */
  #nameRules(): StringRules | null {
    const named = this.#schemas.flatMap(({ propertyNames }) => propertyNames ?? []);
    const [branch, ...others] = branchesOf(named);
    if (branch === undefined) return null;
    const minLength = Math.max(0, ...branch.map((schema) => schema.minLength));
    const maxLength = Math.min(...branch.map((schema) => schema.maxLength));
    if (minLength > Math.min(maxLength, limits.shortestDocument)) return null;
    if (others.length > 0)
      throw refusal(
        'propertyNames',
        this.#pointer,
        'several ways to be valid cannot be guaranteed.',
      );
    if (branch.some(({ types }) => types !== null && !types.has('string'))) return null;
    const lists = branch.flatMap(({ values }) => (values === null ? [] : [values]));
    return {
      minLength,
      maxLength,
      patterns: [...branch.flatMap(({ patterns }) => patterns), ...lists.map(oneOfNames)],
      without: [],
    };
  }
}

/** No keys but the declared ones, which is the usual case. */
function isClosed({ additionalProperties, patternProperties }: Schema): boolean {
  return additionalProperties?.never === true && patternProperties.size === 0;
}

function oneOfNames(texts: readonly string[]): string {
  const names = texts
    .filter((text) => text.startsWith('"'))
    .map((text) => String(JSON.parse(text)).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return names.length === 0 ? '[]' : `^(?:${names.join('|')})$`;
}

function subsets(all: readonly string[]): string[][] {
  const [first, ...others] = all;
  if (first === undefined) return [[]];
  const without = subsets(others);
  return [...without, ...without.map((set) => [first, ...set])];
}
