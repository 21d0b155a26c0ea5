import type { Group, JsonType, Schema } from './schema.ts';

/** The property that tells the branches of a `oneOf` apart: in each it has values of its own. */
export function tellingProperty({ branches, discriminator }: Group): string | null {
  const [first] = branches;
  if (first === undefined || !branches.every(isObject)) return null;
  const names = discriminator === null ? [...propertiesOf(first).keys()] : [discriminator];
  return (
    names.find((name) => areDisjoint(branches.map((branch) => valuesOf(branch, name)))) ?? null
  );
}

function areDisjoint(lists: readonly (readonly string[] | null)[]): boolean {
  const seen = new Set<string>();
  for (const list of lists) {
    if (list === null || list.some((text) => seen.has(text))) return false;
    for (const text of list) seen.add(text);
  }
  return true;
}

function isObject(schema: Schema): boolean {
  const object: JsonType = 'object';
  if (schema.types !== null) return schema.types.has(object) && schema.types.size === 1;
  return schema.also.some(isObject);
}

function propertiesOf(schema: Schema): Map<string, Schema> {
  return new Map([
    ...schema.also.flatMap((other) => [...propertiesOf(other)]),
    ...schema.properties,
  ]);
}

function valuesOf(branch: Schema, name: string): readonly string[] | null {
  const property = propertiesOf(branch).get(name);
  return property === undefined ? null : listed(property);
}

function listed({ values, also }: Schema): readonly string[] | null {
  return values ?? also.map(listed).find((list) => list !== null) ?? null;
}
