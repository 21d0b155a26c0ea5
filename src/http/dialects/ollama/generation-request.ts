import * as z from 'zod';
import type { GenerationOptions, Thinking } from '../../../engine/index.ts';
import { format, formatIn } from '../../answer-format.ts';
import { keepAlive, keepAliveMs, name, stream } from './fields.ts';
import { optionFields, options } from './options.ts';
import { assertNoLogprobs } from './refusals.ts';

const think = z
  .union([z.boolean(), z.enum(['low', 'medium', 'high', 'max', ''])], {
    error: 'expected true, false, "low", "medium", "high" or "max"',
  })
  .nullish()
  .describe('Whether a model that can think does so; left out: as its template decides.');

/** What `/api/chat` and `/api/generate` both take. */
export const generationFields = {
  model: name,
  options,
  stream,
  think,
  format,
  keep_alive: keepAlive,
  truncate: z
    .boolean()
    .nullish()
    .describe('False: a conversation that is too long is an error, and not shortened.'),
  logprobs: z
    .boolean()
    .nullish()
    .describe('Refused if true: the runtime does not give probabilities.'),
};

export type GenerationFields = z.output<z.ZodObject<typeof generationFields>>;

/** What these mean to the engine. Throws `invalid_request`, `unsupported`. */
export function generationOptions(body: GenerationFields): GenerationOptions {
  assertNoLogprobs(body.logprobs);
  const thinking = thinkingIn(body.think);
  return {
    ...(thinking !== undefined && { thinking }),
    ...optionFields(body.options),
    ...keepAliveMs(body.keep_alive),
    ...formatIn(body.format),
    overflow: body.truncate === false ? 'error' : 'truncate',
  };
}

function thinkingIn(value: GenerationFields['think']): Thinking | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return value === 'max' ? 'high' : value;
}
