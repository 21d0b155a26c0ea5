/** What the counters of a run say of its prompt. */
import type { RunEvent } from '../rkllm/index.ts';
import type { Usage } from './types.ts';

export type FinishedRun = Extract<RunEvent, { type: 'finished' }>;

/**
 * The runtime's prompt count leaves out what it found in the KV cache; where no tokenizer tells,
 * that part is what the cache holds beyond the tokens of this run. The last token of an answer that
 * was cut is not in the cache yet: only the step after it puts it there.
 * @param promptTokens exact; null where only the runtime can tell
 */
export function promptUsage(
  { ending, tokens, counters, kvEntries }: FinishedRun,
  promptTokens: number | null,
): Pick<Usage, 'promptTokens' | 'cachedTokens'> {
  if (counters === null) return { promptTokens, cachedTokens: null };
  const { prefillTokens, decodeTokens } = counters;
  if (promptTokens !== null) {
    return { promptTokens, cachedTokens: Math.max(0, promptTokens - prefillTokens) };
  }
  const wasCut = ending !== 'end' || decodeTokens > tokens;
  const missing = wasCut && decodeTokens > 0 ? 1 : 0;
  const found =
    kvEntries === null ? null : Math.max(0, kvEntries + missing - prefillTokens - decodeTokens);
  // Sometimes it is there all the same.
  const cachedTokens = found === missing ? 0 : found;
  return { promptTokens: prefillTokens + (cachedTokens ?? 0), cachedTokens };
}
