/** Random schemas of every supported keyword. */

import type { Random } from '../../support/random.ts';

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

type Schema = boolean | { [keyword: string]: unknown };

const names = ['a', 'ab', 'name', 'nam', 'é', 'x-1', 'with "quote"', 'b', '', '😀'];
const patterns = [
  '^[a-z]+$',
  'a',
  '^(light|switch)\\.[a-z_]+$',
  '^\\d{2,4}$',
  '[0-9]$',
  '^(?=.*\\d)[a-z0-9]{3,}$',
  '^(?!x)[a-z]*$',
  '\\bfoo\\b',
  '^\\p{Lu}\\p{Ll}*$',
  '^.{2,5}$',
  '^[^"\\\\]*$',
  'é|"',
  '^(ab|cd)*$',
];
const formats = [
  'date',
  'time',
  'date-time',
  'email',
  'uuid',
  'ipv4',
  'ipv6',
  'uri',
  'url',
  'uri-reference',
  'uri-template',
  'hostname',
  'duration',
  'json-pointer',
  'relative-json-pointer',
  'byte',
  'iso-time',
  'iso-date-time',
  'entity_id',
  'RFC 5646',
  'ISO 3166-1 alpha-2',
  'jinja2',
];
const scalars = [null, true, false, 0, 1, -1, 12, 1.5, 1e21, 'a', 'ab', 'é"', '', '\n', '😀'];

/** A schema, at most `depth` schemas deep; `definitions` may be referred to. */
function randomSchema(random: Random, depth: number, definitions = 0): Schema {
  const chance = (probability: number) => random() < probability;
  const inner = () => randomSchema(random, depth - 1, definitions);
  if (definitions > 0 && chance(0.1))
    return { $ref: `#/$defs/d${Math.floor(random() * definitions)}` };
  if (depth <= 0 || chance(0.4)) return scalarSchema(random);
  const kind = Math.floor(random() * 9);
  if (kind < 3) return objectSchema(random, inner);
  if (kind < 5) return arraySchema(random, inner);
  if (kind === 5) return { anyOf: some(random, inner, 1, 3) };
  if (kind === 6) return { allOf: some(random, inner, 1, 2), ...extra(random, scalarSchema) };
  if (kind === 7) return { oneOf: some(random, inner, 1, 3) };
  return chance(0.5)
    ? { enum: [...some(random, () => pick(random, scalars), 1, 4), [1, { a: 'x' }], { k: [] }] }
    : { const: pick(random, [...scalars, { a: 1, b: [true] }, [[]]]) };
}

/** A whole document with definitions that may refer to each other. */
export function randomDocument(random: Random): Schema {
  const count = Math.floor(random() * 3);
  const root = randomSchema(random, 3, count);
  if (count === 0 || typeof root === 'boolean') return root;
  const entries = Array.from({ length: count }, (_, index) => [
    `d${index}`,
    randomSchema(random, 2, count),
  ]);
  return { ...root, $defs: Object.fromEntries(entries) };
}

function scalarSchema(random: Random): Schema {
  const chance = (probability: number) => random() < probability;
  switch (Math.floor(random() * 8)) {
    case 0:
      return { type: pick(random, ['null', 'boolean']) };
    case 1:
      return { type: pick(random, ['number', 'integer']), ...numberRules(random) };
    case 2:
      return { type: 'string', ...stringRules(random) };
    case 3:
      return { enum: some(random, () => pick(random, scalars), 1, 4) };
    case 4:
      return {
        type: [
          ...new Set(
            some(random, () => pick(random, ['null', 'string', 'integer', 'object']), 1, 2),
          ),
        ],
      };
    case 5:
      return chance(0.2) ? pick<Schema>(random, [true, {}]) : { type: 'string' };
    case 6:
      return { ...stringRules(random), ...(chance(0.3) ? numberRules(random) : {}) };
    default:
      return { type: pick(random, ['string', 'number']), nullable: true, title: 'x', default: 1 };
  }
}

function numberRules(random: Random): { [keyword: string]: unknown } {
  const chance = (probability: number) => random() < probability;
  const low = pick(random, [-1000, -3.5, 0, 0.05, 1, 7, 99]);
  const high = low + pick(random, [0, 0.01, 1, 2.5, 100, 1e6]);
  return {
    ...(chance(0.5) ? { [pick(random, ['minimum', 'exclusiveMinimum'])]: low } : {}),
    ...(chance(0.5) ? { [pick(random, ['maximum', 'exclusiveMaximum'])]: high } : {}),
    ...(chance(0.3) ? { multipleOf: pick(random, [1, 2, 5, 0.5, 0.1, 0.01, 0.3, 1e-7, 7]) } : {}),
  };
}

function stringRules(random: Random): { [keyword: string]: unknown } {
  const chance = (probability: number) => random() < probability;
  const least = Math.floor(random() * 4);
  return {
    ...(chance(0.3) ? { minLength: least } : {}),
    ...(chance(0.3) ? { maxLength: least + pick(random, [0, 1, 2, 3, 4, 5, 300]) } : {}),
    ...(chance(0.3) ? { pattern: pick(random, patterns) } : {}),
    ...(chance(0.25) ? { format: pick(random, formats) } : {}),
  };
}

function objectSchema(random: Random, inner: () => Schema): Schema {
  const chance = (probability: number) => random() < probability;
  const keys = [...new Set(some(random, () => pick(random, names), 0, 4))];
  const least = Math.floor(random() * 3);
  return {
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, inner()])),
    ...(chance(0.7)
      ? { required: [...new Set(some(random, () => pick(random, [...keys, 'a']), 0, 3))] }
      : {}),
    ...(chance(0.6) ? { additionalProperties: chance(0.5) ? false : inner() } : {}),
    ...(chance(0.2) ? { patternProperties: { [pick(random, patterns)]: inner() } } : {}),
    ...(chance(0.15) ? { propertyNames: chance(0.5) ? { enum: names } : stringRules(random) } : {}),
    ...(chance(0.2) ? { minProperties: least } : {}),
    ...(chance(0.2) ? { maxProperties: least + Math.floor(random() * 4) } : {}),
  };
}

function arraySchema(random: Random, inner: () => Schema): Schema {
  const chance = (probability: number) => random() < probability;
  const least = Math.floor(random() * 3);
  const unique = chance(0.3);
  return {
    type: 'array',
    ...(chance(0.8) ? { items: unique ? scalarSchema(random) : inner() } : {}),
    ...(chance(0.2) && !unique ? { prefixItems: some(random, inner, 1, 2) } : {}),
    ...(chance(0.4) ? { minItems: least } : {}),
    ...(chance(0.4) ? { maxItems: least + Math.floor(random() * 3) } : {}),
    ...(unique ? { uniqueItems: true } : {}),
  };
}

function some<T>(random: Random, make: () => T, least: number, most: number): T[] {
  const length = least + Math.floor(random() * (most - least + 1));
  return Array.from({ length }, make);
}

function extra(random: Random, make: (random: Random) => Schema): { [keyword: string]: unknown } {
  const schema = random() < 0.3 ? make(random) : {};
  return typeof schema === 'boolean' ? {} : schema;
}
