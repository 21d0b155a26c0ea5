import * as z from 'zod';
import { format } from '../../answer-format.ts';

/**
 * Request bodies of the RKLLama API. Unknown fields are tolerated everywhere, and null means
 * "left out": clients of every generation send both.
 */
const longestName = 512;
const name = z
  .string()
  .max(longestName, `expected at most ${longestName} characters`)
  .nullish()
  .describe('The model; either name of this field will do.');

/**
 * Clients call the same field `model_name` (2025) or `model` (later); the former wins. `from` and
 * `huggingface_path`, which told an older server what to write into a Modelfile, are not needed.
 */
export const namedModel = z.object({ model: name, model_name: name }).transform(nameIn);

/** The name in a body, or '' for none. */
export function nameIn(body: NamedBody): string {
  return body.model_name || body.model || '';
}

interface NamedBody {
  model?: string | null | undefined;
  model_name?: string | null | undefined;
}

/** In a pull `model` is what to fetch, and a `model_name` beside it what to call it. */
export const pullRequest = z
  .object({
    model: name.describe('What to fetch: user/repo/file.rkllm, or an address.'),
    model_name: name.describe('What to call it on disk.'),
  })
  .transform((body) => {
    const alias = body.model ? body.model_name : undefined;
    return { reference: body.model || nameIn(body), name: alias || undefined };
  });

const int32 = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const upTo100 = z.number().min(0).max(100);
const penalty = z.number().min(-100).max(100);

const options = z.object({
  temperature: upTo100.nullish(),
  top_k: int32.min(0).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  repeat_penalty: upTo100.nullish(),
  frequency_penalty: penalty.nullish(),
  presence_penalty: penalty.nullish(),
  mirostat: z.int().min(0).max(2).nullish(),
  mirostat_tau: upTo100.nullish(),
  mirostat_eta: upTo100.nullish(),
  num_predict: int32.nullish().describe('As max_new_tokens.'),
  max_new_tokens: int32.nullish().describe('Most tokens to generate; below 1: no limit.'),
  max_tokens: int32.nullish().describe('As max_new_tokens.'),
});

export type GenerateOptions = z.output<typeof options>;

const content = z.preprocess(
  (value) =>
    typeof value === 'string' ? [{ type: 'text', text: value }] : value === null ? [] : value,
  z
    .array(
      z.object({
        type: z.literal('text', 'only parts of type "text" can be read'),
        text: z.string(),
      }),
      'expected a string or a list of text parts',
    )
    .transform((parts) => parts.map((part) => part.text).join('\n')),
);

const chatMessage = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content,
});

/** A plain string is one message of the user; an empty one is none. */
const messages = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  return value === '' ? null : [{ role: 'user', content: value }];
}, z
  .array(chatMessage, 'expected a string or a list of chat messages')
  .min(1, 'expected at least one message')
  .nullish());

export const generateRequest = z.object({
  model: name.describe('Which loaded model; left out: the one loaded last.'),
  model_name: name.describe('As model.'),
  messages: messages.describe('A text, or the conversation.'),
  prompt: messages.describe('As messages, which win.'),
  stream: z.boolean().nullish().describe('True: tokens as they come. Left out: false.'),
  options: options.nullish().describe('The same fields as at the top level; these win.'),
  format,
  ...options.shape,
});

export type GenerateRequest = z.output<typeof generateRequest>;
