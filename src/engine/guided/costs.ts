/** What runs of one model cost on this board, learned from those that were. */
import type { FinishedRun } from '../usage.ts';

/** Weight of the newest measurement. */
const newest = 0.25;
/** Fewer tokens say more of what every run costs than of what a token does. */
const fewestPrefilled = 32;
const fewestDecoded = 3;

export class RunCosts {
  // Before the first measurement: a model of 1.7 billion parameters on the RK3588.
  readonly #prefillMs = new Average(4.5);
  readonly #decodeMs = new Average(80);
  /**
   * From the wish to end a run to the first token of the next, without its prefill: the token that
   * is being generated meanwhile, what every run costs, and the first token.
   */
  readonly #continuationMs = new Average(130);

  /** Milliseconds per token. */
  get prefillMs(): number {
    return this.#prefillMs.value;
  }

  get decodeMs(): number {
    return this.#decodeMs.value;
  }

  /** Milliseconds that a continuation costs besides its prefill. */
  get continuationMs(): number {
    return this.#continuationMs.value;
  }

  /**
   * Whether it is quicker to end a run and prefill text that is certain than to have it generated.
   * @param certain tokens of that text @param prefill tokens that the continuation prefills
   */
  continuationPays(certain: number, prefill: number): boolean {
    // Both ways end with the first token behind the text.
    const generateMs = (certain + 1) * this.decodeMs;
    return this.continuationMs + prefill * this.prefillMs < generateMs;
  }

  learnRun({ counters }: FinishedRun): void {
    if (counters === null) return;
    const { prefillTokens, prefillMs, decodeTokens, decodeMs } = counters;
    if (prefillTokens >= fewestPrefilled) this.#prefillMs.add(prefillMs / prefillTokens);
    if (decodeTokens >= fewestDecoded) this.#decodeMs.add(decodeMs / decodeTokens);
  }

  /** @param gapMs from the wish to end a run to the first token of the next */
  learnContinuation(gapMs: number, { counters }: FinishedRun): void {
    if (counters === null) return;
    this.#continuationMs.add(Math.max(0, gapMs - counters.prefillTokens * this.prefillMs));
  }
}

/** The first measurement takes the place of the assumption, later ones move it. */
class Average {
  #value: number;
  #measured = false;

  constructor(assumed: number) {
    this.#value = assumed;
  }

  get value(): number {
    return this.#value;
  }

  add(measured: number): void {
    if (!Number.isFinite(measured)) return;
    this.#value = this.#measured ? this.#value + newest * (measured - this.#value) : measured;
    this.#measured = true;
  }
}
