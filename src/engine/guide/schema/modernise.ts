import { limits } from '../limits.ts';
import { below, refusal } from './refusal.ts';

export type PlainSchema = boolean | { readonly [keyword: string]: unknown };

/** Keywords that hold one schema, several, or one per name. */
const single = new Set([
  'additionalProperties',
  'items',
  'not',
  'propertyNames',
  'if',
  'then',
  'else',
  'contains',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const several = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const named = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
/** Names and dialects: references are followed inside of the schema alone. */
const dropped = new Set([
  '$schema',
  '$id',
  'id',
  '$vocabulary',
  '$comment',
  '$anchor',
  '$dynamicAnchor',
]);

/**
 * A copy of a schema in the words of draft 2020-12, whatever dialect clients still speak: tuples in
 * `items`, boolean bounds of draft 4, `nullable` of OpenAPI 3.0.
 */
export function modernise(given: unknown): PlainSchema {
  const seen = { schemas: 0, characters: 0 };
  return schemaAt(given, '', 0, seen);
}

interface Seen {
  schemas: number;
  characters: number;
}

function schemaAt(given: unknown, pointer: string, depth: number, seen: Seen): PlainSchema {
  seen.schemas += 1;
  if (seen.schemas > limits.schemas)
    throw refusal('$defs', '', `there are more than ${limits.schemas} schemas in it.`);
  if (depth > limits.schemaDepth)
    throw refusal('properties', '', `schemas stand more than ${limits.schemaDepth} levels deep.`);
  if (typeof given === 'boolean') return given;
  if (!isRecord(given))
    throw refusal(lastStep(pointer), pointer, 'a schema is an object, true or false.');
  const schema: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(given)) {
    // Some clients send keywords that they do not use as null.
    if (dropped.has(keyword) || (value === null && keyword !== 'const' && keyword !== 'type'))
      continue;
    const place = below(pointer, keyword);
    const into = (child: unknown, ...steps: readonly (string | number)[]) =>
      schemaAt(child, below(place, ...steps), depth + 1, seen);
    if (several.has(keyword) || (keyword === 'items' && Array.isArray(value))) {
      if (!Array.isArray(value)) throw refusal(keyword, pointer, 'it is a list of schemas.');
      const list = value.map((child, index) => into(child, index));
      // A list without an item asks for nothing, and validators do not know it.
      if (list.length > 0) schema[keyword === 'items' ? 'prefixItems' : keyword] = list;
      else if (keyword === 'anyOf' || keyword === 'oneOf')
        throw refusal(keyword, pointer, 'the list of schemas is empty.');
    } else if (single.has(keyword)) schema[keyword] = into(value);
    else if (named.has(keyword)) {
      if (!isRecord(value)) throw refusal(keyword, pointer, 'it is an object of schemas.');
      schema[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, into(child, name)]),
      );
    } else schema[keyword] = plain(keyword, value, pointer, seen);
  }
  return translated(schema, given, (child) =>
    schemaAt(child, below(pointer, 'additionalItems'), depth + 1, seen),
  );
}

function plain(keyword: string, value: unknown, pointer: string, seen: Seen): unknown {
  seen.characters += JSON.stringify(value)?.length ?? 0;
  if (seen.characters > limits.schemaCharacters)
    throw refusal(
      keyword,
      pointer,
      `the schema has more than ${limits.schemaCharacters} characters.`,
    );
  return value;
}

function translated(
  schema: Record<string, unknown>,
  given: Readonly<Record<string, unknown>>,
  into: (child: unknown) => PlainSchema,
): PlainSchema {
  const { nullable, ...rest } = schema;
  // Some clients mark a property itself as required.
  if (typeof rest['required'] === 'boolean') delete rest['required'];
  if (Array.isArray(given['items'])) {
    delete rest['additionalItems'];
    if (given['additionalItems'] !== undefined) rest['items'] = into(given['additionalItems']);
  }
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof rest[exclusive] !== 'boolean') continue;
    const isExclusive = rest[exclusive];
    delete rest[exclusive];
    if (!isExclusive || rest[bound] === undefined) continue;
    rest[exclusive] = rest[bound];
    delete rest[bound];
  }
  if (typeof rest['pattern'] === 'string') rest['pattern'] = modernPattern(rest['pattern']);
  return nullable === true ? withNull(rest) : rest;
}

/** OpenAPI 3.0: null as well, whatever else the schema says. */
function withNull(schema: Record<string, unknown>): PlainSchema {
  const { type, enum: values, $defs, definitions } = schema;
  if (Array.isArray(type)) return schema;
  if (type === undefined) {
    const { $defs: _, definitions: __, ...inner } = schema;
    const named = Object.entries({ $defs, definitions }).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(named), anyOf: [inner, { type: 'null' }] };
  }
  const withType = { ...schema, type: [type, 'null'] };
  return Array.isArray(values) ? { ...withType, enum: [...new Set([...values, null])] } : withType;
}

/** Backslashes that mean nothing are errors in Unicode patterns, but clients write them. */
function modernPattern(pattern: string): string {
  if (isPattern(pattern)) return pattern;
  const bare = pattern.replaceAll(/\\(.)/gsu, (spelled, character: string) =>
    /[A-Za-z0-9^$\\.*+?()[\]{}|/-]/.test(character) ? spelled : character,
  );
  return isPattern(bare) ? bare : bare.replaceAll('\\-', '[-]');
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lastStep(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1) || 'schema';
}
