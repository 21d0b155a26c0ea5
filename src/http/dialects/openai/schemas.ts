import * as z from 'zod';
import { generationFields, keepAlive, longestName, modelName } from './fields.ts';
import { messages } from './messages.ts';
import { formatFields } from './response-format.ts';
import { thinkingFields } from './thinking.ts';
import { toolChoice } from './tool-choice.ts';
import { tools } from './tools.ts';

/** Request bodies. `parameters.ts` says what becomes of fields that are not named here. */
export const mostInputs = 2048;
const inputs = `expected a string or a list of at most ${mostInputs} strings`;
const tokenIds = "lists of token ids belong to another model's tokenizer; send text";

/** A text or several. Token ids are refused in words: they mean nothing to the model on a board. */
const texts = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z
    .array(
      z.string({
        error: ({ input }) =>
          typeof input === 'number' || Array.isArray(input) ? tokenIds : 'expected a string',
      }),
      inputs,
    )
    .min(1, inputs)
    .max(mostInputs, inputs),
);

export const chatRequest = z
  .looseObject({
    messages: messages.nullish().describe('The conversation; this or prompt must be there.'),
    prompt: z
      .string()
      .nullish()
      .describe('Instead of messages (OpenRouter): the answer then has text and no message.'),
    tools: tools.nullish().describe('Functions that the model may call.'),
    tool_choice: toolChoice
      .nullish()
      .describe('required, or a function: the answer is a call, guaranteed.'),
    parallel_tool_calls: z
      .boolean()
      .nullish()
      .describe('False: of several calls only the first is passed on.'),
    ...generationFields,
    ...formatFields,
    ...thinkingFields,
  })
  .refine(({ messages: list, prompt }) => list || prompt, {
    path: ['messages'],
    error: 'expected a list of chat messages',
  });

export type ChatRequest = z.output<typeof chatRequest>;

export const completionRequest = z.looseObject({
  prompt: texts
    .refine((list) => list.length <= 16, 'expected at most 16 prompts')
    .refine((list) => !list.includes(''), 'expected no empty string')
    .describe('A text that the model goes on from, or up to 16. No template is put around it.'),
  echo: z.boolean().nullish().describe('The answer begins with the prompt.'),
  ...generationFields,
  ...formatFields,
});

export type CompletionRequest = z.output<typeof completionRequest>;

export const embeddingRequest = z.looseObject({
  model: modelName,
  input: texts
    .refine((list) => !list.includes(''), 'expected no empty string')
    .describe('A text, or up to 2048.'),
  encoding_format: z
    .enum(['float', 'base64'])
    .nullish()
    .describe('base64: little-endian float32. Left out: float.'),
  dimensions: z.int().min(1).max(65_536).nullish().describe('Cuts the vectors.'),
  truncation: z
    .enum(['auto', 'disabled'])
    .nullish()
    .describe('auto cuts a text that is too long for the model; left out it is an error.'),
  keep_alive: keepAlive,
});

/** As Ai00 has them. */
const chunkTokens = 510;
const chunkPrefix = 'query:';

export const embedsRequest = z.looseObject({
  model: modelName,
  input: z.string().min(1, 'expected a text'),
  max_tokens: z
    .int()
    .min(1)
    .nullable()
    .default(chunkTokens)
    .transform((value) => value ?? chunkTokens)
    .describe('Most tokens of a chunk.'),
  prefix: z
    .string()
    .max(longestName)
    .nullable()
    .default(chunkPrefix)
    .transform((value) => value ?? chunkPrefix)
    .describe('Put before each chunk.'),
});

const document = z.union([z.string(), z.looseObject({ text: z.string() })], {
  error: 'expected a string or {"text": "..."}',
});

export const rerankRequest = z.looseObject({
  model: modelName,
  query: z.string().min(1, 'expected a query'),
  documents: z
    .array(document, 'expected a list of documents')
    .min(1, 'expected at least one document')
    .max(mostInputs)
    .transform((list) => list.map((each) => (typeof each === 'string' ? each : each.text))),
  top_n: z.int().min(1).nullish().describe('How many results; left out: all.'),
  return_documents: z.boolean().nullish().describe('Sends the documents back.'),
  instruction: z.string().max(10_000).nullish().describe('What makes a document relevant.'),
  keep_alive: keepAlive,
});
