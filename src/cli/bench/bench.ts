import { loadModel } from '../api/load.ts';
import type { Client } from '../client/client.ts';
import { rounded } from '../numbers.ts';
import { type Measurement, measure } from './measure.ts';
import { freshPrompt, wordsPerRound } from './prompt.ts';

export interface BenchOptions {
  runs: number;
  promptTokens: number;
  tokens: number;
}

/** One prompt, asked twice. */
export interface BenchRun {
  cold: Measurement;
  warm: Measurement;
}

/** Null: the runtime does not tell. */
export interface BenchResult {
  model: string;
  /** How long the load took; close to 0 for a model that was in memory. */
  load_seconds: number;
  prompt_tokens: number;
  prefill_tokens_per_second: number | null;
  decode_tokens_per_second: number | null;
  first_token_cold_ms: number;
  first_token_warm_ms: number;
  runs: BenchRun[];
}

/** Measures a model. @param tell what is done now. Throws `CliError`. */
export async function bench(
  client: Client,
  model: string,
  { runs: count, promptTokens, tokens }: BenchOptions,
  tell: (step: string) => void,
): Promise<BenchResult> {
  tell(`loading ${model}`);
  const startedAt = performance.now();
  await loadModel(client, model);
  const loadSeconds = (performance.now() - startedAt) / 1000;
  tell('warming up');
  const words = await wordsFor(client, model, promptTokens);
  const runs: BenchRun[] = [];
  for (let run = 1; run <= count; run += 1) {
    tell(`run ${run} of ${count}`);
    const prompt = freshPrompt(words);
    const cold = await measure(client, model, prompt, tokens);
    runs.push({ cold, warm: await measure(client, model, prompt, tokens) });
  }
  const all = runs.flatMap(({ cold, warm }) => [cold, warm]);
  return {
    model,
    load_seconds: rounded(loadSeconds),
    prompt_tokens: median(runs.map(({ cold }) => cold.prompt_tokens)) ?? 0,
    prefill_tokens_per_second: median(runs.map(({ cold }) => cold.prefill_tokens_per_second)),
    decode_tokens_per_second: median(all.map((each) => each.decode_tokens_per_second)),
    first_token_cold_ms: median(runs.map(({ cold }) => cold.first_token_ms)) ?? 0,
    first_token_warm_ms: median(runs.map(({ warm }) => warm.first_token_ms)) ?? 0,
    runs,
  };
}

/** First, short answers: they warm up the NPU and tell how many tokens a word is here. */
async function wordsFor(client: Client, model: string, tokens: number): Promise<number> {
  const tried = wordsPerRound;
  const short = await measure(client, model, freshPrompt(tried), 1);
  const double = await measure(client, model, freshPrompt(2 * tried), 1);
  const perWord = (double.prompt_tokens - short.prompt_tokens) / tried;
  if (perWord <= 0) return tokens;
  return Math.max(1, Math.round((tokens - short.prompt_tokens) / perWord) + tried);
}

/** Of what is known, rounded; null when nothing is. */
export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = known.length / 2;
  const [low, high] = [known[Math.ceil(middle) - 1], known[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : rounded((low + high) / 2);
}
