import * as z from 'zod';
import type { AnswerFormat } from '../../../engine/index.ts';
import { jsonObject } from './json-object.ts';

const responseFormat = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal('text') }),
      // llama.cpp has the schema here.
      z.looseObject({ type: z.literal('json_object'), schema: jsonObject.nullish() }),
      z.looseObject({
        type: z.literal('json_schema'),
        json_schema: z.looseObject({ schema: jsonObject.nullish() }).nullish(),
        schema: jsonObject.nullish(),
      }),
    ],
    { error: 'expected a type of "text", "json_object" or "json_schema"' },
  )
  .nullish();

/** A schema as an object, or as the text of one. */
const schemaOrText = z
  .preprocess((value) => (typeof value === 'string' ? parsed(value) : value), jsonObject)
  .nullish();

/** The ways in which clients say that an answer is to be JSON. */
export const formatFields = {
  response_format: responseFormat.describe(
    'json_object: any object. json_schema: what the schema describes, guaranteed.',
  ),
  json_schema: jsonObject.nullish().describe('A schema of the answer, as llama.cpp has it.'),
  guided_json: schemaOrText.describe('The same, as vLLM has it.'),
};

type FormatFields = z.output<z.ZodObject<typeof formatFields>>;

/** Undefined: the answer is free. */
export function formatOf({
  response_format: format,
  json_schema,
  guided_json,
}: FormatFields): AnswerFormat | undefined {
  const schema = json_schema ?? guided_json;
  if (schema) return { type: 'schema', schema };
  if (!format || format.type === 'text') return undefined;
  const asked = format.schema ?? (format.type === 'json_schema' && format.json_schema?.schema);
  return asked ? { type: 'schema', schema: asked } : { type: 'object' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
