import type { RunEvent } from '../../rkllm/index.ts';
import type { Turn } from '../generation.ts';
import type { FittedPrompt } from '../prompt/index.ts';
import { isTooLong, refusal } from '../prompt-too-long.ts';
import { contextOf, runRequest } from '../run-request.ts';
import type { Timings, Usage } from '../types.ts';
import { type FinishedRun, promptUsage } from '../usage.ts';
import type { Draft } from './draft.ts';
import { GrowingPrompt } from './growing-prompt.ts';
import type { TextSource } from './writer.ts';

/** Text of a loaded model, in as many runs as it takes; adds up what they say of themselves. */
export class ModelText implements TextSource {
  readonly #turn: Turn;
  readonly #prompt: FittedPrompt;
  readonly #growing: GrowingPrompt;
  /** When the run before was asked to stop. */
  #stoppedAt: number | null = null;
  /** Tokens of the prompt of the run that was started last. */
  #promptTokens: number;
  /** Tokens that the engine had written before the first run. */
  #tokensBefore = 0;
  /** Tokens in the KV cache, and how much of the answer they are at least; from 1.2.1 on. */
  #cached: { tokens: number; characters: number } | null = null;
  #first: FinishedRun | null = null;
  #prefillMs: number | null = null;
  #decodeMs: number | null = null;

  constructor(turn: Turn, prompt: FittedPrompt) {
    this.#turn = turn;
    this.#prompt = prompt;
    this.#growing = new GrowingPrompt(turn.model.prompter, prompt);
    this.#promptTokens = prompt.tokensAtMost;
  }

  get timings(): Pick<Timings, 'prefillMs' | 'decodeMs'> {
    return { prefillMs: this.#prefillMs, decodeMs: this.#decodeMs };
  }

  /** The prompt counts once, without what the engine wrote behind it. */
  get usage(): Pick<Usage, 'promptTokens' | 'cachedTokens'> {
    const exact = this.#prompt.tokenCount;
    if (!this.#first) return { promptTokens: exact, cachedTokens: null };
    const whole = promptUsage(this.#first, exact === null ? null : exact + this.#tokensBefore);
    const promptTokens =
      exact ?? (whole.promptTokens === null ? null : whole.promptTokens - this.#tokensBefore);
    const cachedTokens =
      whole.cachedTokens === null ? null : Math.min(whole.cachedTokens, promptTokens ?? 0);
    return { promptTokens, cachedTokens };
  }

  async run(draft: Draft, maxTokens: number): Promise<AsyncIterable<RunEvent> | null> {
    const { model, request, runs } = this.#turn;
    const isFirst = this.#first === null;
    if (isFirst) this.#tokensBefore = await this.#growing.count(draft.text);
    const { input, tokens } = await this.#growing.with(draft);
    const length = this.#prompt.text.length + draft.text.length;
    this.#promptTokens = tokens ?? this.#estimate(draft.text);
    const room = contextOf(model, request) - this.#promptTokens;
    // Of the first prompt only the runtime can say that it is too long, unless the count is exact.
    const isKnown = tokens !== null || !isFirst;
    if (room < 1 && isKnown) return null;
    const limit = isKnown ? Math.min(maxTokens, room) : maxTokens;
    const { stableTokens = 0 } = this.#prompt;
    const prompt = { input, ownTemplate: false, stableTokens, continuation: !isFirst };
    const run = { ...prompt, maxTokens: limit };
    const events = await runs.start(runRequest(model, request, run), length);
    return this.#watched(events, { isFirst, characters: draft.text.length });
  }

  /** Tokens of prompt and answer, where no tokenizer tells; rather too many. */
  #estimate(written: string): number {
    const { prompter } = this.#turn.model;
    const cache = this.#cached;
    if (!cache) return prompter.estimate(this.#prompt.text + written);
    return cache.tokens + prompter.estimate(written.slice(cache.characters));
  }

  abort(): void {
    this.#stoppedAt = performance.now();
    void this.#turn.runs.abort();
  }

  count(text: string): Promise<number> {
    return this.#growing.count(text);
  }

  continuationPays(tokens: number): boolean {
    // Nothing is kept before 1.2.0: a continuation prefills everything.
    const { clearKvCache: keepsPrefix } = this.#turn.model.capabilities;
    const prefill = tokens + (keepsPrefix ? 0 : this.#promptTokens);
    return this.#turn.costs.continuationPays(tokens, prefill);
  }

  async *#watched(
    events: AsyncIterable<RunEvent>,
    { isFirst, characters }: { isFirst: boolean; characters: number },
  ): AsyncGenerator<RunEvent> {
    const stoppedAt = this.#stoppedAt;
    this.#stoppedAt = null;
    let gapMs: number | null = null;
    try {
      for await (const event of events) {
        if (event.type === 'tokens' && stoppedAt !== null) gapMs ??= performance.now() - stoppedAt;
        if (event.type === 'finished') this.#learn(event, gapMs, characters);
        yield event;
      }
    } catch (error) {
      if (isFirst) throw refusal(this.#turn.model, this.#prompt, error);
      if (!isTooLong(error)) throw error;
      // It was longer than it looked, and there is an answer already.
      const nothing = { tokens: 0, counters: null, kvEntries: null };
      yield { type: 'finished', ending: 'limit', ...nothing };
    }
  }

  #learn(event: FinishedRun, gapMs: number | null, characters: number): void {
    this.#first ??= event;
    if (event.kvEntries !== null) this.#cached = { tokens: event.kvEntries, characters };
    this.#turn.costs.learnRun(event);
    if (gapMs !== null) this.#turn.costs.learnContinuation(gapMs, event);
    if (event.counters === null) return;
    this.#prefillMs = (this.#prefillMs ?? 0) + event.counters.prefillMs;
    this.#decodeMs = (this.#decodeMs ?? 0) + event.counters.decodeMs;
  }
}
