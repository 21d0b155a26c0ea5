import { expect } from 'vitest';
import { z } from 'zod';

/**
 * OpenAI's published shapes (openapi 2.3.0), with unknown fields forbidden. What rkllamad adds is
 * marked; what it never sends is not here.
 */
const finishReason = z.enum(['stop', 'length', 'tool_calls']);
const count = z.int().min(0);

const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.strictObject({ cached_tokens: count }).optional(),
  completion_tokens_details: z.strictObject({ reasoning_tokens: count }),
});

/** Added: llama.cpp's measurements. */
const timings = z.strictObject({
  cache_n: count,
  prompt_n: count,
  prompt_ms: z.number(),
  prompt_per_second: z.number(),
  predicted_n: count,
  predicted_ms: z.number(),
  predicted_per_second: z.number(),
});

/** Added, each where there is something to tell. */
const extras = {
  timings: timings.optional(),
  dropped_messages: z.int().min(1).optional(),
  guided: z.strictObject({ continuations: count, forced_n: count, rejected_n: count }).optional(),
};

const callFields = {
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
};

const envelope = {
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
};

const textChoice = z.strictObject({
  text: z.string(),
  index: count,
  logprobs: z.null(),
  finish_reason: finishReason.nullable(),
});

export const chatCompletion = z.strictObject({
  ...envelope,
  id: z.string().startsWith('chatcmpl-'),
  object: z.literal('chat.completion'),
  choices: z.array(
    z.strictObject({
      index: count,
      message: z.strictObject({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        /** Added: llama.cpp's and DeepSeek's name of thoughts. */
        reasoning_content: z.string().min(1).optional(),
        tool_calls: z.array(z.strictObject(callFields)).min(1).optional(),
      }),
      logprobs: z.null(),
      finish_reason: finishReason,
    }),
  ),
  usage,
  ...extras,
});

const chatChunk = z.strictObject({
  ...envelope,
  id: z.string().startsWith('chatcmpl-'),
  object: z.literal('chat.completion.chunk'),
  choices: z
    .array(
      z.strictObject({
        index: count,
        delta: z.strictObject({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          reasoning_content: z.string().optional(),
          tool_calls: z.tuple([z.strictObject({ index: count, ...callFields })]).optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    )
    .max(1),
  usage: usage.nullable().optional(),
  ...extras,
});

export const completion = z.strictObject({
  ...envelope,
  id: z.string().startsWith('cmpl-'),
  object: z.literal('text_completion'),
  choices: z.array(textChoice),
  usage: usage.nullable().optional(),
  ...extras,
});

export const model = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  /** Added, as OpenRouter has it. */
  context_length: z.int().optional(),
});

export const modelList = z.strictObject({ object: z.literal('list'), data: z.array(model) });

export const embeddingList = z.strictObject({
  object: z.literal('list'),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: count,
      embedding: z.union([z.array(z.number()), z.base64()]),
    }),
  ),
  model: z.string(),
  usage: z.strictObject({ prompt_tokens: count, total_tokens: count }),
});

export const failure = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.enum(['invalid_request_error', 'server_error', 'unavailable_error']),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

export type ChatChunk = z.output<typeof chatChunk>;

/** The JSON events of a stream, which must end with `[DONE]`; anything but data events fails. */
export function eventsOf(body: string): unknown[] {
  const frames = body.split('\n\n');
  expect(frames.pop()).toBe('');
  expect(frames.pop()).toBe('data: [DONE]');
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: \{[^\n]*$/);
    return JSON.parse(frame.slice('data: '.length));
  });
}

/**
 * The chunks of a chat, held against the shape that every client can read: one id and time, the
 * role first, the finish reason in a chunk of its own.
 */
export function chatChunks(body: string): ChatChunk[] {
  const chunks = eventsOf(body).map((event) => chatChunk.parse(event));
  expect(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size).toBe(1);
  const steps = chunks.flatMap(({ choices }) => choices);
  for (const index of new Set(steps.map((step) => step.index))) {
    const [first, ...rest] = steps.filter((step) => step.index === index);
    expect(first?.delta).toEqual({ role: 'assistant', content: '' });
    const last = rest.pop();
    expect(last?.delta).toEqual({});
    expect(last?.finish_reason).not.toBeNull();
    for (const { delta, finish_reason } of rest) {
      expect(finish_reason).toBeNull();
      expect(Object.keys(delta)).toHaveLength(1);
    }
  }
  return chunks;
}

/** The text of one choice of a stream. */
export function textOf(chunks: readonly ChatChunk[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices)
    .filter((step) => step.index === index)
    .map(({ delta }) => delta.content ?? '')
    .join('');
}
