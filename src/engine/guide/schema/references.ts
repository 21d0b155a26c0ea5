import type { PlainSchema } from './modernise.ts';
import { refusal } from './refusal.ts';
import type { Schema } from './schema.ts';

/** What a `$ref` to a place of the same document means. */
export function resolve(root: PlainSchema, ref: string, pointer: string): [PlainSchema, string] {
  if (ref !== '#' && !ref.startsWith('#/'))
    throw refusal('$ref', pointer, `${ref} is not a place of the form #/$defs/name in the schema.`);
  const target = ref.slice(1);
  let found: unknown = root;
  for (const step of target.split('/').slice(1)) found = childOf(found, unescaped(step));
  const schema = schemaOf(found);
  if (schema === null) throw refusal('$ref', pointer, `there is no schema at ${ref}.`);
  return [schema, target];
}

function childOf(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) return parent[Number(step)];
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step))
    return undefined;
  return new Map<string, unknown>(Object.entries(parent)).get(step);
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

/** Schemas have been checked when they were copied. */
export function schemaOf(value: unknown): PlainSchema | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Exclude<PlainSchema, boolean>;
}

/** Refuses a schema that has to hold before it can be known whether it holds. */
export function assertFounded(root: Schema): void {
  const done = new Set<Schema>();
  const open = new Set<Schema>();
  const visit = (schema: Schema): void => {
    if (done.has(schema)) return;
    if (open.has(schema))
      throw refusal('$ref', schema.pointer, 'the schema refers to itself before any value.');
    open.add(schema);
    for (const other of inPlace(schema)) visit(other);
    open.delete(schema);
    done.add(schema);
  };
  const all = [root];
  const seen = new Set(all);
  for (const schema of all) {
    visit(schema);
    for (const child of [...inPlace(schema), ...childrenOf(schema)]) {
      if (seen.has(child)) continue;
      seen.add(child);
      all.push(child);
    }
  }
}

function inPlace({ also, groups }: Schema): readonly Schema[] {
  return [...also, ...groups.flatMap(({ branches }) => branches)];
}

function childrenOf(schema: Schema): readonly Schema[] {
  const { items, additionalProperties, propertyNames } = schema;
  return [
    ...schema.prefixItems,
    ...schema.properties.values(),
    ...schema.patternProperties.values(),
    ...[items, additionalProperties, propertyNames].filter((child) => child !== null),
  ];
}
