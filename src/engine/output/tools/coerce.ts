/**
 * Argument values brought to the type that the tool's schema asks for, where there is only one way
 * to do so. What fits already, or fits in no way, stays as it is; nothing is added or left out.
 */
import type { JsonObject } from '../../types.ts';
import { numberOf } from './loose-word.ts';

export function coerceArguments(values: JsonObject, schema: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return [key, isObject(property) ? coerce(value, property) : value];
    }),
  );
}

/** The types that a schema names; empty where it leaves them open. */
export function typesOf(schema: JsonObject): readonly string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  return alternatives(schema).flatMap(typesOf);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function coerce(value: unknown, schema: JsonObject): unknown {
  const branches = alternatives(schema);
  if (branches.length > 0) return coerceToOne(value, branches);
  const types = typesOf(schema);
  const typed =
    types.length === 0 || types.some((type) => fits(value, type))
      ? value
      : onlyOne(
          types.map((type) => converted(value, type)),
          value,
        );
  return inside(asEnum(typed, schema), schema);
}

function alternatives(schema: JsonObject): JsonObject[] {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(branches) ? branches.filter(isObject) : [];
}

/** Where no branch takes the value as it is, the one that it can be brought to. */
function coerceToOne(value: unknown, branches: readonly JsonObject[]): unknown {
  const fitting = branches.find((branch) => accepts(value, branch));
  if (fitting !== undefined) return coerce(value, fitting);
  const results = branches.map((branch) => {
    const result = coerce(value, branch);
    return accepts(result, branch) ? result : undefined;
  });
  return onlyOne(results, value);
}

function accepts(value: unknown, schema: JsonObject): boolean {
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => fits(value, type))) return false;
  return !Array.isArray(schema['enum']) || schema['enum'].includes(value);
}

function onlyOne(results: readonly unknown[], otherwise: unknown): unknown {
  const [only, ...more] = results.filter((result) => result !== undefined);
  return only === undefined || more.length > 0 ? otherwise : only;
}

function fits(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

/** The value as one of `type`; undefined where there is no way, or more than one. */
function converted(value: unknown, type: string): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
    case 'number':
      return typeof value === 'string' ? (numberOf(value.trim()) ?? undefined) : undefined;
    case 'integer': {
      const number = typeof value === 'string' ? numberOf(value.trim()) : null;
      return Number.isInteger(number) ? number : undefined;
    }
    case 'boolean': {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
      return word === 'true' || word === 'false' ? word === 'true' : undefined;
    }
    case 'object': {
      const parsed = parsedJson(value);
      return isObject(parsed) ? parsed : undefined;
    }
    case 'array': {
      const parsed = parsedJson(value);
      if (Array.isArray(parsed)) return parsed;
      return value === null || value === '' ? undefined : [value];
    }
    default:
      return undefined;
  }
}

function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** The member that differs by case, or by being a number written as text, only. */
function asEnum(value: unknown, schema: JsonObject): unknown {
  const members: unknown = schema['enum'];
  if (!Array.isArray(members) || members.includes(value)) return value;
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const spelled = String(value).trim().toLowerCase();
  return onlyOne(
    members.filter((member) => String(member).toLowerCase() === spelled),
    value,
  );
}

function inside(value: unknown, schema: JsonObject): unknown {
  if (isObject(value)) return coerceArguments(value, schema);
  const { items } = schema;
  if (!Array.isArray(value) || !isObject(items)) return value;
  return value.map((item: unknown) => coerce(item, items));
}
