import * as z from 'zod';
import { formatPattern } from '../formats.ts';
import { limits } from '../limits.ts';
import {
  boundsOf,
  emptySchema,
  isNever,
  isScalar,
  mergedValues,
  structure,
  typesOf,
} from './keywords.ts';
import type { PlainSchema } from './modernise.ts';
import { Place } from './place.ts';
import { resolve, schemaOf } from './references.ts';
import { below, refusal } from './refusal.ts';
import type { Group, JsonType, Schema } from './schema.ts';

/** Keywords that say what cannot be known before the end of a value. */
const refused = [
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  '$dynamicRef',
  '$recursiveRef',
];

/** Which keywords speak of which type. */
const hints: readonly (readonly [JsonType, readonly string[]])[] = [
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems']],
  [
    'object',
    [
      'properties',
      'patternProperties',
      'additionalProperties',
      'propertyNames',
      'required',
      'minProperties',
      'maxProperties',
    ],
  ],
];

/** Schemas that refer to each other in a row. */
const deepest = 500;

type Keywords = Exclude<PlainSchema, boolean>;

/** Reads the schemas of one document, each once, when they are first asked for. */
export class SchemaReader {
  readonly #root: PlainSchema;
  readonly #known = new Map<unknown, Schema>();
  #count = 0;
  #depth = 0;

  constructor(root: PlainSchema) {
    this.#root = root;
  }

  /** Whether a pattern or format stands anywhere, for which the regular expressions are needed. */
  get needsPatterns(): boolean {
    return [...this.#known.values()].some(
      ({ patterns, patternProperties, propertyNames }) =>
        patterns.length > 0 || patternProperties.size > 0 || propertyNames !== null,
    );
  }

  /** Reads everything that can be reached. */
  root(): Schema {
    return this.#read(this.#root, '');
  }

  /** A schema that asks for one property and nothing else. */
  requiring(name: string, pointer: string): Schema {
    return this.#read({ type: 'object', required: [name] }, pointer);
  }

  #read(given: PlainSchema, pointer: string): Schema {
    const known = this.#known.get(given);
    if (known !== undefined && typeof given !== 'boolean') return known;
    const schema = emptySchema(this.#count, pointer);
    this.#count += 1;
    if (this.#count > limits.schemas * 2)
      throw refusal('enum', pointer, 'there are too many schemas and values in it.');
    if (typeof given === 'boolean') schema.never = !given;
    else {
      this.#known.set(given, schema);
      this.#depth += 1;
      if (this.#depth > deepest)
        throw refusal(
          '$ref',
          pointer,
          `more than ${deepest} schemas refer to each other in a row.`,
        );
      this.#fill(schema, given);
      this.#depth -= 1;
    }
    return schema;
  }

  #fill(schema: Schema, given: Keywords): void {
    const { pointer } = schema;
    const at = new Place(given, pointer);
    for (const keyword of refused)
      if (keyword in given) throw refusal(keyword, pointer, 'it cannot be guaranteed.');
    schema.never = isNever(at);
    schema.hints = new Set(
      hints.flatMap(([type, keywords]) => (keywords.some((word) => word in given) ? [type] : [])),
    );
    const types = typesOf(at);
    schema.types = types?.types ?? null;
    schema.number = boundsOf(at, types?.integer ?? false);
    schema.minLength = at.count('minLength') ?? 0;
    schema.maxLength = at.count('maxLength') ?? Number.POSITIVE_INFINITY;
    assertShort(at.text('pattern') ?? '', 'pattern', pointer);
    schema.patterns = [at.text('pattern'), formatPattern(at.text('format') ?? '')].filter(
      (pattern) => pattern !== undefined,
    );
    this.#fillArray(schema, at);
    this.#fillObject(schema, at);
    const ref = at.text('$ref');
    schema.also = [
      ...(ref === undefined ? [] : [this.#read(...resolve(this.#root, ref, pointer))]),
      ...this.#list(at, 'allOf'),
    ];
    schema.groups = [...this.#group(at, 'anyOf'), ...this.#group(at, 'oneOf')];
    this.#fillValues(schema, at);
  }

  #fillArray(schema: Schema, at: Place): void {
    schema.prefixItems = this.#list(at, 'prefixItems');
    schema.items = this.#child(at, 'items') ?? this.#unevaluated(at, 'unevaluatedItems', 'items');
    schema.minItems = at.count('minItems') ?? 0;
    schema.maxItems = at.count('maxItems') ?? Number.POSITIVE_INFINITY;
    schema.uniqueItems = at.flag('uniqueItems');
  }

  #fillObject(schema: Schema, at: Place): void {
    schema.properties = this.#map(at, 'properties');
    schema.patternProperties = this.#map(at, 'patternProperties');
    for (const pattern of schema.patternProperties.keys())
      assertShort(pattern, 'patternProperties', at.pointer);
    schema.additionalProperties =
      this.#child(at, 'additionalProperties') ??
      this.#unevaluated(at, 'unevaluatedProperties', 'additionalProperties');
    schema.propertyNames = this.#child(at, 'propertyNames');
    schema.required = at.names('required');
    schema.minProperties = at.count('minProperties') ?? 0;
    schema.maxProperties = at.count('maxProperties') ?? Number.POSITIVE_INFINITY;
    if (schema.properties.has('__proto__') || schema.required.includes('__proto__'))
      throw refusal('properties', at.pointer, 'validators do not see a property named __proto__.');
    if (schema.required.includes(''))
      throw refusal('required', at.pointer, 'validators do not miss a property without a name.');
  }

  /** Beside nothing that evaluates elsewhere, it means the same as the older keyword. */
  #unevaluated(at: Place, keyword: string, older: string): Schema | null {
    const value = at.given[keyword];
    if (value === undefined || value === true || older in at.given) return null;
    const others = ['$ref', 'allOf', 'anyOf', 'oneOf'].filter((word) => word in at.given);
    if (others.length > 0)
      throw refusal(keyword, at.pointer, `beside ${others[0]} it cannot be guaranteed.`);
    return this.#child(at, keyword);
  }

  #fillValues(schema: Schema, at: Place): void {
    const list = at.given['enum'];
    if (list !== undefined && !Array.isArray(list))
      throw refusal('enum', at.pointer, 'it is a list of values.');
    const lists: (readonly unknown[])[] = list === undefined ? [] : [list];
    if ('const' in at.given) lists.push([at.given['const']]);
    for (const values of lists) {
      if (values.length > limits.enumValues)
        throw refusal('enum', at.pointer, `it has more than ${limits.enumValues} values.`);
      // What JSON text like 1e999 becomes when it is read.
      if (values.includes(Infinity) || values.includes(-Infinity))
        throw refusal(values === list ? 'enum' : 'const', at.pointer, 'a number is too large.');
      const scalars = values.filter(isScalar).map((value) => JSON.stringify(value));
      const structures = values.filter((value) => !isScalar(value)).map(structure);
      if (structures.length === 0) {
        const before = schema.values;
        schema.values = before === null ? scalars : scalars.filter((text) => before.includes(text));
        continue;
      }
      const branches = structures.map((value) => this.#read(value, at.pointer));
      if (scalars.length > 0) {
        const texts = this.#read({}, at.pointer);
        texts.values = scalars;
        branches.push(texts);
      }
      const group: Group = { keyword: 'enum', branches, exactly: false, discriminator: null };
      schema.groups = [...schema.groups, group];
    }
  }

  #group(at: Place, keyword: 'anyOf' | 'oneOf'): Group[] {
    const branches = this.#list(at, keyword);
    if (branches.length === 0) return [];
    const exactly = keyword === 'oneOf' && branches.length > 1;
    const merged = mergedValues(branches, exactly);
    if (merged !== null) {
      const texts = this.#read({}, at.pointer);
      texts.values = merged;
      return [{ keyword, branches: [texts], exactly: false, discriminator: null }];
    }
    const named = discriminatorSchema.safeParse(at.given['discriminator']);
    const discriminator = named.success ? named.data.propertyName : null;
    return [{ keyword, branches, exactly, discriminator }];
  }

  #child(at: Place, keyword: string): Schema | null {
    const value = at.given[keyword];
    return value === undefined
      ? null
      : this.#read(schemaOf(value) ?? false, below(at.pointer, keyword));
  }

  #list(at: Place, keyword: string): Schema[] {
    const list = at.given[keyword];
    if (!Array.isArray(list)) return [];
    return list.map((value, index) =>
      this.#read(schemaOf(value) ?? false, below(at.pointer, keyword, index)),
    );
  }

  #map(at: Place, keyword: string): Map<string, Schema> {
    const entries = Object.entries(at.given[keyword] ?? {});
    if (entries.some(([name]) => !name.isWellFormed()))
      throw refusal(keyword, at.pointer, 'half of a surrogate pair stands in a name.');
    return new Map(
      entries.map(([name, value]) => [
        name,
        this.#read(schemaOf(value) ?? false, below(at.pointer, keyword, name)),
      ]),
    );
  }
}

function assertShort(pattern: string, keyword: string, pointer: string): void {
  if (pattern.length > limits.patternCharacters)
    throw refusal(keyword, pointer, `it has more than ${limits.patternCharacters} characters.`);
}

const discriminatorSchema = z.object({ propertyName: z.string() });
