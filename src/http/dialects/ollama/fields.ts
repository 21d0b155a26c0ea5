/** Fields that several of Ollama's requests share. Unknown ones are tolerated, null is "left out". */
import * as z from 'zod';
import { type AnswerFormat, parseKeepAlive, type Thinking } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';

export const name = z
  .string()
  .max(1024, 'expected at most 1024 characters')
  .nullish()
  .describe('A name of GET /api/tags.');
export const keepAlive = z
  .union([z.string(), z.number()])
  .nullish()
  .describe('How long the model stays: seconds, "5m", -1 for ever, 0 not at all.');
export const stream = z
  .boolean()
  .nullish()
  .describe('False: one object. Left out: a stream of JSON lines.');
export const think = z
  .union([z.boolean(), z.enum(['low', 'medium', 'high', 'max', ''])])
  .nullish()
  .describe('Whether a model that can think does so; left out: as its template decides.');
export const format = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .nullish()
  .describe('"json": any object. A JSON Schema: what it describes. Both are guaranteed.');
export const images = z.array(z.string()).nullish().describe('Files in base64.');
export const logprobs = z
  .boolean()
  .nullish()
  .describe('Refused if true: the runtime does not give probabilities.');

/** `model`, or `name` as the first clients called it. */
export const namedModel = z.object({ model: name, name: name.describe('As model.') });

export function nameIn(body: z.output<typeof namedModel>): string {
  return body.model || body.name || '';
}

/** Left out: as the settings say. Throws `invalid_request`. */
export function keepAliveMs(value: z.output<typeof keepAlive>): { keepAliveMs?: number } {
  return value === undefined || value === null ? {} : { keepAliveMs: parseKeepAlive(value) };
}

export function thinkingIn(value: z.output<typeof think>): Thinking | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return value === 'max' ? 'high' : value;
}

/** Throws `invalid_request` for a word that is not `json`. */
export function formatIn(value: z.output<typeof format>): { format?: AnswerFormat } {
  if (value === undefined || value === null || value === '') return {};
  if (value === 'json') return { format: { type: 'object' } };
  if (typeof value === 'object') return { format: { type: 'schema', schema: value } };
  throw new ApplianceError(
    'invalid_request',
    `format: expected "json" or a JSON Schema, not ${JSON.stringify(value)}.`,
  );
}
