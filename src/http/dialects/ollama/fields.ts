/** Fields that several of Ollama's requests share. Unknown ones are tolerated, null is "left out". */
import * as z from 'zod';
import { parseKeepAlive } from '../../../engine/index.ts';

export const name = z
  .string()
  .max(1024, 'expected at most 1024 characters')
  .nullish()
  .describe('A name of GET /api/tags.');
export const keepAlive = z
  .union([z.string().max(50), z.number()], 'expected seconds, or a duration such as "5m"')
  .nullish()
  .describe('How long the model stays: seconds, "5m", -1 for ever, 0 not at all.');
export const stream = z
  .boolean()
  .nullish()
  .describe('False: one object. Left out: a stream of JSON lines.');
export const images = z.array(z.string()).nullish().describe('Files in base64.');

/** `model`, or `name` as the first clients called it. */
export const namedModel = z.object({ model: name, name: name.describe('As model.') });

export function nameIn(body: z.output<typeof namedModel>): string {
  return body.model || body.name || '';
}

/** Left out: as the settings say. Throws `invalid_request`. */
export function keepAliveMs(value: z.output<typeof keepAlive>): { keepAliveMs?: number } {
  return value === undefined || value === null ? {} : { keepAliveMs: parseKeepAlive(value) };
}
