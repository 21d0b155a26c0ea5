import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { rounded } from '../numbers.ts';

const timings = z.object({
  cache_n: z.number(),
  prompt_n: z.number(),
  prompt_per_second: z.number(),
  predicted_n: z.number(),
  predicted_per_second: z.number(),
});

const chunk = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  timings: timings.optional(),
});

/** One answer. Null: the runtime does not tell. */
export interface Measurement {
  /** From the request to the first text that arrived here. */
  first_token_ms: number;
  prompt_tokens: number;
  cached_tokens: number | null;
  completion_tokens: number;
  prefill_tokens_per_second: number | null;
  decode_tokens_per_second: number | null;
}

/** Asks, and measures the answer. Throws `CliError`. */
export async function measure(
  client: Client,
  model: string,
  prompt: string,
  maxTokens: number,
): Promise<Measurement> {
  const body = {
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true },
  };
  const startedAt = performance.now();
  let firstAt: number | undefined;
  let usage: z.output<typeof chunk>['usage'];
  let told: z.output<typeof timings> | undefined;
  for await (const part of client.stream('/v1/chat/completions', body, chunk)) {
    const { content, reasoning_content: reasoning } = part.choices[0]?.delta ?? {};
    if (content || reasoning) firstAt ??= performance.now();
    usage = part.usage ?? usage;
    told = part.timings ?? told;
  }
  return {
    first_token_ms: rounded((firstAt ?? performance.now()) - startedAt),
    prompt_tokens: usage?.prompt_tokens ?? 0,
    cached_tokens: told?.cache_n ?? null,
    completion_tokens: usage?.completion_tokens ?? 0,
    // A prompt that was found in the cache was not prefilled, and has no speed.
    prefill_tokens_per_second: told && told.prompt_n > 1 ? rounded(told.prompt_per_second) : null,
    decode_tokens_per_second:
      told && told.predicted_n > 1 ? rounded(told.predicted_per_second) : null,
  };
}
