import * as z from 'zod';
import { parseKeepAlive } from '../../../engine/index.ts';
import { samplingFields } from './sampling.ts';

/**
 * Fields that several endpoints share. Unknown fields are tolerated everywhere, and null means
 * "left out": clients of every generation send both.
 */
export const longestName = 512;
const mostStops = 64;
const mostChoices = 16;

export const modelName = z
  .string()
  .max(longestName, `expected at most ${longestName} characters`)
  .nullish()
  .describe('A name of GET /v1/models; left out: the model loaded last, or the only one.');

/** Milliseconds, from Ollama's forms; an addition to OpenAI's API. */
export const keepAlive = z
  .union([z.string().max(50), z.number()], 'expected seconds, or a duration such as "5m"')
  .transform((value, context) => {
    try {
      return parseKeepAlive(value);
    } catch (error) {
      const message = error instanceof Error ? error.message.replace(/^keep_alive /, '') : '';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  })
  .nullish()
  .describe('How long the model stays: seconds, "5m", -1 for ever, 0 not at all.');

/** Values below one mean "no limit", as with llama.cpp. */
const tokenLimit = z
  .int()
  .min(-1)
  .max(2 ** 31 - 1)
  .nullish();

/** What every endpoint that generates text takes. */
export const generationFields = {
  model: modelName,
  models: z
    .array(z.string().max(longestName))
    .max(16)
    .nullish()
    .describe('Tried in turn when model is not there (OpenRouter).'),
  stream: z.boolean().nullish().describe('True: server-sent events. Left out: false.'),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish().describe('A last chunk with the usage.') })
    .nullish(),
  max_tokens: tokenLimit.describe('As max_completion_tokens, which wins.'),
  max_completion_tokens: tokenLimit.describe('Most tokens to generate; below 1: no limit.'),
  stop: z
    .union([z.string().max(1000), z.array(z.string().max(1000)).max(mostStops)], {
      error: `expected a string or a list of at most ${mostStops} strings`,
    })
    .nullish()
    .describe('Texts that end the answer.'),
  n: z.int().min(1).max(mostChoices).nullish().describe('Answers, one after the other.'),
  seed: z.number().nullish(),
  keep_alive: keepAlive,
  truncation: z
    .enum(['auto', 'disabled'])
    .nullish()
    .describe('disabled: a conversation that is too long is an error, and not shortened.'),
  ...samplingFields,
};

/** The first problem of the second branch of a union, with its place. */
export function inList(words: string): (issue: { input?: unknown; errors?: unknown }) => string {
  return ({ input, errors }) => {
    const first = Array.isArray(input) ? issuesOfList.safeParse(errors).data?.[1][0] : undefined;
    if (!first) return words;
    const place = first.path.map(String).join('.');
    const message = first.message.replace(/^Invalid (input|option): /, '');
    return place === '' ? message : `${place}: ${message}`;
  };
}

const issues = z.array(z.object({ path: z.array(z.unknown()), message: z.string() }));
const issuesOfList = z.tuple([z.unknown(), issues]);
