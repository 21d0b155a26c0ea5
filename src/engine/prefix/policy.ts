/** When saving pays and which file to load, by what it costs on this board. Decides, and does nothing. */
import type { Costs } from './costs.ts';
import type { Match } from './prefix-index.ts';

/** Fewer tokens are not worth a decision. */
export const fewestTokens = 16;

/** A longer save keeps too many waiting, or the card busy for too long. */
const longestSaveMs = { idle: 20_000, leaving: 10_000, waiting: 10_000 } as const;

/** `leaving`: the worker is about to end. `waiting`: a request waits that gains nothing by it. */
export type Moment = keyof typeof longestSaveMs;

/** What a millisecond counts against an expected millisecond of prefill. */
const weights = {
  /** Of the disk: it wears, and somebody might come. */
  writing: 0.25,
  /** Of a request that waits. */
  waiting: 2,
};

export interface Candidate {
  /** Tokens in memory. */
  tokens: number;
  /** Of these, found elsewhere if they are lost: in a file, or in what stays in memory. */
  covered: number;
  /** Tokens at the beginning that other conversations begin with, too. */
  stable: number;
  /** How many requests began with them. */
  stableSeen: number;
}

/** Whether to save what is in memory, all of it. */
export function paysToSave(
  { tokens, covered, stable, stableSeen }: Candidate,
  costs: Costs,
  moment: Moment,
): boolean {
  const bytes = costs.bytes(tokens);
  if (tokens - covered < fewestTokens || costs.writeMs(bytes) > longestSaveMs[moment]) return false;
  // Once, to find out.
  if (moment !== 'waiting' && !costs.knowsSaving) return true;
  const chance = moment === 'idle' ? costs.returns * costs.displaced : costs.returns;
  const shared = Math.max(0, Math.min(stable, tokens) - covered);
  const own = tokens - covered - shared;
  // What was asked for twice is asked for again.
  const expected = own * chance + shared * (stableSeen > 1 ? 1 : chance);
  const savedMs = (expected * (costs.prefillMs(tokens) - costs.loadMs(bytes))) / tokens;
  const waitedMs = moment === 'waiting' ? weights.waiting * costs.saveMs(bytes) : 0;
  return savedMs >= Math.max(waitedMs, weights.writing * costs.writeMs(bytes));
}

/**
 * Whether to save the stable beginning by itself: when it is used again and again and no file that
 * has it is nearly as quick to load.
 * @param holderBytes size of the smallest file that has it; null without one
 */
export function paysToSaveStable(
  { tokens, stable, stableSeen }: Candidate,
  holderBytes: number | null,
  costs: Costs,
): boolean {
  if (stableSeen < 2 || stable < 2 * fewestTokens || stable > tokens) return false;
  const bytes = costs.bytes(stable);
  const now = Math.min(
    costs.prefillMs(stable),
    holderBytes === null ? Number.POSITIVE_INFINITY : costs.loadMs(holderBytes),
  );
  const savedMs = now - costs.loadMs(bytes);
  // Saving it leaves just it in memory: the rest is computed again.
  const spentMs = costs.writeMs(bytes) + costs.prefillMs(tokens - stable);
  return savedMs >= weights.writing * spentMs;
}

/** The file whose loading saves the most time, where any does. */
export function bestToLoad<T extends { sizeBytes: number }>(
  matches: Iterable<Match<T>>,
  heldTokens: number,
  costs: Costs,
): Match<T> | null {
  let best: Match<T> | null = null;
  let bestMs = 0;
  for (const match of matches) {
    if (match.tokens - heldTokens < fewestTokens) break;
    const savedMs =
      costs.prefillMs(match.tokens - heldTokens) - costs.loadMs(match.entry.sizeBytes);
    if (savedMs <= bestMs) continue;
    best = match;
    bestMs = savedMs;
  }
  return best;
}
