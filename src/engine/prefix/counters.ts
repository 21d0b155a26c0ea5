/** What the store was good for, in numbers. */

export interface PrefixCounters {
  /** Tokens of all prompts that had token ids. */
  promptTokens: number;
  /** Of these, found in the KV cache as the run before had left it. */
  tokensFromMemory: number;
  /** Of these, found there because a file was loaded. */
  tokensFromFiles: number;
  /** Prompts for which a file was loaded and was of use. */
  hits: number;
  /** Prompts of which neither memory nor files had anything worth mentioning. */
  misses: number;
  saves: number;
  /** Tokens that had to be computed only to be saved, or to be in memory again after that. */
  tokensForSaves: number;
  /** Files that could not be saved, or not be loaded. */
  failures: number;
}

export function noCounts(): PrefixCounters {
  return {
    promptTokens: 0,
    tokensFromMemory: 0,
    tokensFromFiles: 0,
    hits: 0,
    misses: 0,
    saves: 0,
    tokensForSaves: 0,
    failures: 0,
  };
}

export function addCounts(to: PrefixCounters, more: Partial<PrefixCounters>): void {
  to.promptTokens += more.promptTokens ?? 0;
  to.tokensFromMemory += more.tokensFromMemory ?? 0;
  to.tokensFromFiles += more.tokensFromFiles ?? 0;
  to.hits += more.hits ?? 0;
  to.misses += more.misses ?? 0;
  to.saves += more.saves ?? 0;
  to.tokensForSaves += more.tokensForSaves ?? 0;
  to.failures += more.failures ?? 0;
}
