import * as z from 'zod';
import type { RouteDescription } from '../route-description.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema of what a client may send, from the schema that parses it. */
export function requestSchema({
  schema,
  otherFields = [],
}: NonNullable<RouteDescription['request']>): JsonSchema {
  const result = jsonSchema(schema);
  const properties = { ...result.properties };
  for (const { name, effect, why } of otherFields) {
    const known = properties[name];
    properties[name] = {
      ...(typeof known === 'object' && known),
      description: `${effect}: ${why}`,
    };
  }
  return { ...result, properties };
}

export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...result } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema: written }) => {
      withoutSafeIntegers(written);
      if (isPreprocessed(zodSchema)) acceptText(written);
    },
  });
  return result;
}

/** A bound that JavaScript's numbers have by nature tells nobody anything. */
function withoutSafeIntegers(written: JsonSchema): void {
  if (written.minimum === Number.MIN_SAFE_INTEGER) delete written.minimum;
  if (written.maximum === Number.MAX_SAFE_INTEGER) delete written.maximum;
}

function isPreprocessed(schema: z.core.$ZodTypes): boolean {
  const { def } = schema._zod;
  return def.type === 'pipe' && def.in._zod.def.type === 'transform';
}

/** Whatever is preprocessed here takes a text in place of the longer form, which Zod cannot see. */
function acceptText(written: JsonSchema): void {
  const { description, ...longer } = written;
  for (const key of Object.keys(longer)) delete written[key];
  written.anyOf = [{ type: 'string' }, longer];
}
