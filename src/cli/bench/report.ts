import type { BenchResult } from './bench.ts';

/** A bench for a person. */
export function benchLines(result: BenchResult): string[] {
  const { model, runs, prompt_tokens: promptTokens } = result;
  const answered = runs.map(({ cold }) => cold.completion_tokens);
  return [
    `${model}, ${runs.length === 1 ? 'one run' : `median of ${runs.length} runs`}, prompt of ${Math.round(promptTokens)} tokens, answers of up to ${Math.max(...answered)}`,
    `  load                ${(result.load_seconds).toFixed(2)} s`,
    `  prefill             ${speed(result.prefill_tokens_per_second)}`,
    `  decode              ${speed(result.decode_tokens_per_second)}`,
    `  first token, cold   ${Math.round(result.first_token_cold_ms)} ms`,
    `  first token, warm   ${Math.round(result.first_token_warm_ms)} ms`,
  ];
}

function speed(perSecond: number | null): string {
  return perSecond === null ? 'this runtime does not tell' : `${perSecond.toFixed(1)} tok/s`;
}
