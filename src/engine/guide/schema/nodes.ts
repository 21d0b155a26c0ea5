import { ArrayNode } from '../array.ts';
import type { Node } from '../grammar.ts';
import { accepts } from '../language.ts';
import { limits } from '../limits.ts';
import { Literal } from '../literal.ts';
import { NumberNode } from '../number.ts';
import { NumberRules } from '../number-rules.ts';
import { StringNode } from '../string.ts';
import type { Workshop } from './compiler.ts';
import { meetBounds, typeOf } from './keywords.ts';
import type { StringRules } from './languages.ts';
import { objectOf } from './objects.ts';
import { refusal } from './refusal.ts';
import { type JsonType, jsonTypes, type Schema } from './schema.ts';

/** The values that satisfy the own keywords of all of `schemas`, by type. */
export function nodesOf(schemas: readonly Schema[], workshop: Workshop): Node[] {
  const types = typesOf(schemas, workshop);
  const values = valuesOf(schemas);
  if (values !== null) return literals(schemas, values, types, workshop);
  const words = [
    ...(types.has('null') ? ['null'] : []),
    ...(types.has('boolean') ? ['true', 'false'] : []),
  ];
  return [
    ...(words.length > 0 ? [new Literal(words)] : []),
    ...(types.has('number') ? numbers(schemas, workshop) : []),
    ...(types.has('string') ? strings(schemas, workshop) : []),
    ...(types.has('array') ? arrays(schemas, workshop) : []),
    ...(types.has('object') ? objectOf(schemas, workshop) : []),
  ];
}

function typesOf(schemas: readonly Schema[], workshop: Workshop): Set<JsonType> {
  const named = schemas.flatMap(({ types }) => types ?? []);
  const isOpen = named.length === 0 && schemas.every(({ values }) => values === null);
  const hinted = schemas.flatMap(({ hints }) => [...hints]);
  if (isOpen && workshop.guessesTypes && hinted.length > 0) return new Set(hinted);
  let types = new Set<JsonType>(jsonTypes);
  for (const { types: allowed, pointer } of schemas) {
    if (allowed === null) continue;
    types = types.intersection(allowed);
    if (types.size > 0) continue;
    workshop.conflict({
      keyword: 'type',
      pointer,
      why: 'no type satisfies all that is asked here.',
    });
    break;
  }
  return types;
}

function valuesOf(schemas: readonly Schema[]): Set<string> | null {
  const lists = schemas.flatMap(({ values }) => (values === null ? [] : [new Set(values)]));
  const [first, ...others] = lists;
  if (first === undefined) return null;
  return others.reduce((all, list) => all.intersection(list), first);
}

function literals(
  schemas: readonly Schema[],
  values: ReadonlySet<string>,
  types: ReadonlySet<JsonType>,
  workshop: Workshop,
): Node[] {
  const rules = new NumberRules(meetBounds(schemas.map(({ number }) => number)));
  const asked = stringRules(schemas);
  const { pointer } = schemas.find((schema) => schema.values !== null) ?? { pointer: '' };
  const words = [...values].filter((text) => {
    const type = typeOf(text);
    if (!types.has(type)) return false;
    if (type === 'number') return rules.allows(Number(text));
    return type !== 'string' || accepts(workshop.languages.of(asked, pointer), JSON.parse(text));
  });
  if (words.length > 0) return [new Literal(words)];
  workshop.conflict({ keyword: 'enum', pointer, why: 'no value of it is valid here.' });
  return [];
}

function numbers(schemas: readonly Schema[], workshop: Workshop): Node[] {
  const bounds = meetBounds(schemas.map(({ number }) => number));
  const node = new NumberNode(bounds);
  if (Number.isFinite(node.length)) return [node];
  const hinted = schemas.findLast(({ hints }) => hints.has('number'));
  const hasMinimum = Number.isFinite(Math.max(bounds.minimum, bounds.exclusiveMinimum));
  workshop.conflict({
    keyword: hasMinimum ? 'minimum' : 'multipleOf',
    pointer: hinted?.pointer ?? '',
    why: 'no number of at most 15 digits is within the bounds.',
  });
  return [];
}

function stringRules(schemas: readonly Schema[]): StringRules {
  return {
    minLength: Math.max(...schemas.map(({ minLength }) => minLength)),
    maxLength: Math.min(...schemas.map(({ maxLength }) => maxLength)),
    patterns: [...new Set(schemas.flatMap(({ patterns }) => patterns))],
    without: [],
  };
}

function strings(schemas: readonly Schema[], workshop: Workshop): Node[] {
  const { pointer } = schemas.findLast(({ hints }) => hints.has('string')) ?? { pointer: '' };
  const rules = stringRules(schemas);
  if (rules.minLength <= Math.min(rules.maxLength, limits.shortestDocument)) {
    const node = new StringNode(workshop.languages.of(rules, pointer));
    if (Number.isFinite(node.length)) return [node];
  }
  workshop.conflict({
    keyword: rules.patterns.length > 0 ? 'pattern' : 'minLength',
    pointer,
    why: 'no string satisfies its lengths and patterns.',
  });
  return [];
}

function arrays(schemas: readonly Schema[], workshop: Workshop): Node[] {
  const { pointer } = schemas.findLast(({ hints }) => hints.has('array')) ?? { pointer: '' };
  const minimum = Math.max(...schemas.map(({ minItems }) => minItems));
  const maximum = Math.min(...schemas.map(({ maxItems }) => maxItems));
  const unique = schemas.some(({ uniqueItems }) => uniqueItems);
  if (minimum > maximum || minimum > limits.shortestDocument) {
    const why = minimum > maximum ? 'it is more than maxItems.' : 'the array would be too long.';
    workshop.conflict({ keyword: 'minItems', pointer, why });
    return [];
  }
  const places = Math.max(...schemas.map(({ prefixItems }) => prefixItems.length));
  const prefix = Array.from({ length: Math.min(places, maximum) }, (_, index) =>
    workshop.node(schemas.flatMap((schema) => schema.prefixItems[index] ?? schema.items ?? [])),
  );
  const items = workshop.node(schemas.flatMap((schema) => schema.items ?? []));
  const shape = { prefix, items, minimum, maximum, unique: unique && maximum > 1 };
  if (shape.unique) workshop.scalarsOnly(items, pointer);
  if (shape.unique && minimum > limits.differentOnes)
    throw refusal('minItems', pointer, `more than ${limits.differentOnes} different ones.`);
  if (shape.unique && prefix.length > 0)
    throw refusal('uniqueItems', pointer, 'beside prefixItems it cannot be guaranteed.');
  return [new ArrayNode(shape)];
}
