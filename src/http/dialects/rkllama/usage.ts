import type { GenerationEvent } from '../../../engine/index.ts';

/** Token counts as the RKLLama API writes them; null is "not known (yet)". */
export interface WireUsage {
  prompt_tokens: number | null;
  completion_tokens: number;
  total_tokens: number | null;
  tokens_per_second: number | null;
}

/** Counts one answer while it is generated. Times are milliseconds of one steady clock. */
export class UsageMeter {
  #tokens = 0;
  #firstAtMs: number | undefined;

  get tokens(): number {
    return this.#tokens;
  }

  count(tokens: number, nowMs: number): void {
    if (tokens > 0) this.#firstAtMs ??= nowMs;
    this.#tokens += tokens;
  }

  /** Generation speed since the first token arrived, which itself took a prefill to come. */
  tokensPerSecond(nowMs: number): number | null {
    const elapsedMs = nowMs - (this.#firstAtMs ?? nowMs);
    return elapsedMs > 0 ? rounded(((this.#tokens - 1) / elapsedMs) * 1000) : null;
  }

  running(nowMs: number): WireUsage {
    return {
      prompt_tokens: null,
      completion_tokens: this.#tokens,
      total_tokens: null,
      tokens_per_second: this.tokensPerSecond(nowMs),
    };
  }

  /** The runtime's own counters, and its own clock where it has one. */
  final({ usage, timings }: Extract<GenerationEvent, { type: 'done' }>, nowMs: number): WireUsage {
    const { promptTokens, completionTokens } = usage;
    const { decodeMs } = timings;
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens === null ? null : promptTokens + completionTokens,
      tokens_per_second:
        decodeMs !== null && decodeMs > 0
          ? rounded((completionTokens / decodeMs) * 1000)
          : this.tokensPerSecond(nowMs),
    };
  }
}

function rounded(perSecond: number): number {
  return Math.round(perSecond * 100) / 100;
}
