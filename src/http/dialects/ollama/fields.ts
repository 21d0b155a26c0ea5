/** Fields that several of Ollama's requests share. Unknown ones are tolerated, null is "left out". */
import * as z from 'zod';
import { parseKeepAlive, type Thinking } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';

export const name = z.string().max(1024, 'expected at most 1024 characters').nullish();
export const keepAlive = z
  .union([z.string(), z.number()])
  .nullish()
  .meta({ description: 'How long the model stays: seconds, "5m", -1 for ever, 0 not at all.' });
export const stream = z.boolean().nullish();
export const think = z
  .union([z.boolean(), z.enum(['low', 'medium', 'high', 'max', ''])])
  .nullish()
  .meta({ description: 'Whether a model that can think does so.' });
export const format = z.union([z.string(), z.record(z.string(), z.unknown())]).nullish();
export const images = z.array(z.string()).nullish();

/** `model`, or `name` as the first clients called it. */
export const namedModel = z.object({ model: name, name });

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

/** Throws `unsupported` for what cannot be kept, rather than to answer in another form. */
export function assertNoFormat(value: z.output<typeof format>): void {
  if (value === undefined || value === null || value === '') return;
  throw new ApplianceError(
    'unsupported',
    'format: structured output is not available yet on this appliance. Leave the field out.',
  );
}
