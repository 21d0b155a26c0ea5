import type { GenerationEvent } from '../../../engine/index.ts';

type Done = Extract<GenerationEvent, { type: 'done' }>;

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Left out by a runtime that does not tell (before 1.2.1). */
  prompt_tokens_details?: { cached_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

/** llama.cpp's measurements, over all choices. `prompt_n` leaves out what was in the KV cache. */
export interface WireTimings {
  cache_n: number;
  prompt_n: number;
  prompt_ms: number;
  prompt_per_second: number;
  predicted_n: number;
  predicted_ms: number;
  predicted_per_second: number;
}

/** What guaranteeing the form of the answers took, over all choices. */
export interface WireGuided {
  /** Runs of the model beyond the first. */
  continuations: number;
  /** Tokens that were put into the prompt instead of being generated. */
  forced_n: number;
  /** Tokens that were generated and did not fit. */
  rejected_n: number;
}

/** Adds up the choices of one answer. A prompt counts once, however many choices it has. */
export class Tally {
  readonly #choicesPerPrompt: number;
  readonly #choices: Done[] = [];

  constructor(choicesPerPrompt: number) {
    this.#choicesPerPrompt = choicesPerPrompt;
  }

  add(done: Done): void {
    this.#choices.push(done);
  }

  /** Clients add these up without looking: a number that the runtime does not tell is 0. */
  usage(): WireUsage {
    const prompts = this.#choices.filter(({ choice }) => choice % this.#choicesPerPrompt === 0);
    const promptTokens = sum(prompts, ({ usage }) => usage.promptTokens);
    const completionTokens = sum(this.#choices, ({ usage }) => usage.completionTokens);
    const cachedIsTold = prompts.every(({ usage }) => usage.cachedTokens !== null);
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      ...(cachedIsTold && {
        prompt_tokens_details: { cached_tokens: sum(prompts, ({ usage }) => usage.cachedTokens) },
      }),
      completion_tokens_details: {
        reasoning_tokens: sum(this.#choices, ({ usage }) => usage.reasoningTokens),
      },
    };
  }

  /** What this server adds to OpenAI's answer, each where there is something to tell. */
  extras(): { timings?: WireTimings; dropped_messages?: number; guided?: WireGuided } {
    const timings = this.#timings();
    const guided = this.#guided();
    // Left out of the prompt because the conversation was too long.
    const dropped = Math.max(0, ...this.#choices.map((done) => done.droppedMessages));
    return {
      ...(timings && { timings }),
      ...(dropped > 0 && { dropped_messages: dropped }),
      ...(guided && { guided }),
    };
  }

  #guided(): WireGuided | undefined {
    const counts = this.#choices.flatMap(({ guided }) => guided ?? []);
    if (counts.length === 0) return undefined;
    return {
      continuations: counts.reduce((total, each) => total + each.continuations, 0),
      forced_n: counts.reduce((total, each) => total + each.forcedTokens, 0),
      rejected_n: counts.reduce((total, each) => total + each.rejectedTokens, 0),
    };
  }

  /** Undefined where the runtime has no clock. */
  #timings(): WireTimings | undefined {
    const all = this.#choices;
    const told = all.every(
      ({ timings }) => timings.prefillMs !== null && timings.decodeMs !== null,
    );
    if (!told) return;
    const cached = sum(all, ({ usage }) => usage.cachedTokens);
    const prefilled = sum(all, ({ usage }) => usage.promptTokens) - cached;
    const generated = sum(all, ({ usage }) => usage.completionTokens);
    const prefillMs = sum(all, ({ timings }) => timings.prefillMs);
    const decodeMs = sum(all, ({ timings }) => timings.decodeMs);
    return {
      cache_n: cached,
      prompt_n: prefilled,
      prompt_ms: prefillMs,
      prompt_per_second: perSecond(prefilled, prefillMs),
      predicted_n: generated,
      predicted_ms: decodeMs,
      predicted_per_second: perSecond(generated, decodeMs),
    };
  }
}

function sum(choices: readonly Done[], value: (done: Done) => number | null): number {
  return choices.reduce((total, done) => total + (value(done) ?? 0), 0);
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? Math.round((count / ms) * 100_000) / 100 : 0;
}
