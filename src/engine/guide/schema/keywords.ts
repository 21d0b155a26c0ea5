import { anyNumber, type NumberBounds } from '../number-rules.ts';
import type { PlainSchema } from './modernise.ts';
import type { Place } from './place.ts';
import { refusal } from './refusal.ts';
import { type JsonType, jsonTypes, type Schema } from './schema.ts';

/** `not: {}` and `not: true` are how some write `false`; other negations are refused. */
export function isNever({ given, pointer }: Place): boolean {
  const not = given['not'];
  if (not === undefined || not === false) return false;
  if (not === true || Object.keys(Object(not)).length === 0) return true;
  throw refusal('not', pointer, 'it cannot be guaranteed.');
}

export function typesOf({ given, pointer }: Place) {
  const { type } = given;
  if (type === undefined) return null;
  const names: unknown[] = Array.isArray(type) ? type : [type];
  const types = new Set<JsonType>();
  for (const name of names) {
    const known = name === 'integer' ? 'number' : jsonTypes.find((word) => word === name);
    if (known === undefined)
      throw refusal('type', pointer, `${JSON.stringify(name)} is no type of JSON Schema.`);
    types.add(known);
  }
  if (types.size === 0) throw refusal('type', pointer, 'the list of types is empty.');
  return { types, integer: names.includes('integer') && !names.includes('number') };
}

export function boundsOf(place: Place, integer: boolean): NumberBounds {
  const format = place.text('format');
  const multiple = place.number('multipleOf');
  if (multiple !== undefined && multiple <= 0)
    throw refusal('multipleOf', place.pointer, 'it is a number above zero.');
  const is32 = format === 'int32';
  return {
    integer: integer || is32 || format === 'int64',
    minimum: Math.max(place.number('minimum') ?? anyNumber.minimum, is32 ? -(2 ** 31) : -Infinity),
    maximum: Math.min(place.number('maximum') ?? anyNumber.maximum, is32 ? 2 ** 31 - 1 : Infinity),
    exclusiveMinimum: place.number('exclusiveMinimum') ?? anyNumber.exclusiveMinimum,
    exclusiveMaximum: place.number('exclusiveMaximum') ?? anyNumber.exclusiveMaximum,
    multiplesOf: multiple === undefined ? [] : [multiple],
  };
}

/** The strictest of all. */
export function meetBounds(all: readonly NumberBounds[]): NumberBounds {
  return {
    integer: all.some(({ integer }) => integer),
    minimum: Math.max(...all.map(({ minimum }) => minimum)),
    maximum: Math.min(...all.map(({ maximum }) => maximum)),
    exclusiveMinimum: Math.max(...all.map(({ exclusiveMinimum }) => exclusiveMinimum)),
    exclusiveMaximum: Math.min(...all.map(({ exclusiveMaximum }) => exclusiveMaximum)),
    multiplesOf: [...new Set(all.flatMap(({ multiplesOf }) => multiplesOf))],
  };
}

/** Null, a boolean, a number or a string. */
export function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** The schema of exactly this array or object. */
export function structure(value: unknown): Exclude<PlainSchema, boolean> {
  if (Array.isArray(value)) {
    const { length } = value;
    const items = { type: 'array', items: false, minItems: length, maxItems: length };
    return length === 0 ? items : { ...items, prefixItems: value.map((item) => ({ const: item })) };
  }
  const entries = Object.entries(Object(value));
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, member]) => [name, { const: member }])),
    required: entries.map(([name]) => name),
    additionalProperties: false,
  };
}

/** The values of branches that are nothing but values; null: one of them is more. */
export function mergedValues(branches: readonly Schema[], exactly: boolean): string[] | null {
  if (!branches.every(isValues)) return null;
  const counts = new Map<string, number>();
  for (const { values, types, number } of branches)
    for (const text of new Set(values)) {
      if (types !== null && !types.has(typeOf(text))) continue;
      if (number.integer && typeOf(text) === 'number' && !Number.isInteger(Number(text))) continue;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  return [...counts].filter(([, count]) => !exactly || count === 1).map(([text]) => text);
}

function isValues(schema: Schema): boolean {
  return (
    schema.values !== null &&
    !schema.never &&
    schema.hints.size === 0 &&
    schema.also.length === 0 &&
    schema.groups.length === 0
  );
}

/** The type of a scalar's JSON text. */
export function typeOf(text: string): JsonType {
  if (text === 'null') return 'null';
  if (text === 'true' || text === 'false') return 'boolean';
  return text.startsWith('"') ? 'string' : 'number';
}

/** A schema that allows everything. */
export function emptySchema(id: number, pointer: string): Schema {
  return {
    id,
    pointer,
    never: false,
    types: null,
    hints: new Set(),
    values: null,
    also: [],
    groups: [],
    number: anyNumber,
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    patterns: [],
    prefixItems: [],
    items: null,
    minItems: 0,
    maxItems: Number.POSITIVE_INFINITY,
    uniqueItems: false,
    properties: new Map(),
    patternProperties: new Map(),
    additionalProperties: null,
    propertyNames: null,
    required: [],
    minProperties: 0,
    maxProperties: Number.POSITIVE_INFINITY,
  };
}
