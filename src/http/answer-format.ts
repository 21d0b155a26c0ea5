import * as z from 'zod';
import type { AnswerFormat } from '../engine/index.ts';
import { ApplianceError } from '../errors.ts';

/** The field `format` of the APIs of Ollama and RKLLama. */
export const format = z
  .union([z.string(), z.record(z.string(), z.unknown())], 'expected "json" or a JSON Schema')
  .nullish()
  .describe('"json": any object. A JSON Schema: what it describes. Both are guaranteed.');

/** Throws `invalid_request` for a word that is not `json`. */
export function formatIn(value: z.output<typeof format>): { format?: AnswerFormat } {
  if (value === undefined || value === null || value === '') return {};
  if (value === 'json') return { format: { type: 'object' } };
  if (typeof value === 'object') return { format: { type: 'schema', schema: value } };
  throw new ApplianceError(
    'invalid_request',
    `format: expected "json" or a JSON Schema, not ${JSON.stringify(value.slice(0, 100))}.`,
  );
}
