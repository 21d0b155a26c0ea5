/** How long a prompt may be. */
import { ApplianceError } from '../../errors.ts';
import type { RenderedPrompt } from './prompt-types.ts';

export interface PromptBudget {
  /** Tokens that the model was loaded for. */
  contextLength: number;
  /** Tokens to keep free for the answer; one at least is. */
  reserve: number;
  overflow: 'truncate' | 'error';
  /** Whether the template inside the model file can still be used; left out: as the Prompter was told. */
  ownTemplate?: boolean;
  /**
   * Drop in steps of this many tokens, so that the beginning stays the same for several turns and
   * its prefix in the KV cache is of use; left out or 0: no more than needed, as Ollama does.
   */
  step?: number;
}

/** Most tokens of a prompt. */
export function limitOf({ contextLength, reserve }: PromptBudget): number {
  return Math.max(1, contextLength - Math.max(1, reserve));
}

/** More than any vocabulary puts into a token on average: a text beyond that need not be counted. */
const mostCharactersPerToken = 64;

/** Whether so many characters are too long without a look at them; a hostile length costs nothing then. */
export function isFarTooLong(characters: number, limit: number): boolean {
  return characters > limit * mostCharactersPerToken;
}

/** The limits to try in turn: the stable one where a step is given, then the true one. */
export function stableLimit(whole: number, limit: number, { step = 0 }: PromptBudget): number[] {
  if (step <= 0) return [limit];
  const dropped = Math.ceil((whole - limit) / step) * step;
  return [...new Set([Math.max(1, whole - dropped), limit])];
}

/**
 * The first of `count` versions that fits, each costing less than the one before; null when none
 * does. Tries few of them.
 */
export async function firstThatFits<T>(
  count: number,
  tryVersion: (index: number) => Promise<{ fits: boolean; result: T }>,
): Promise<{ index: number; result: T } | null> {
  let found: { index: number; result: T } | null = null;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const { fits, result } = await tryVersion(middle);
    if (fits) {
      found = { index: middle, result };
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return found;
}

export function contextExceeded(
  { tokenCount, tokensAtMost }: Pick<RenderedPrompt, 'tokenCount' | 'tokensAtMost'>,
  { contextLength, reserve }: PromptBudget,
): ApplianceError {
  const prompt = tokenCount === null ? `about ${tokensAtMost}` : `${tokenCount}`;
  const kept = reserve > 1 ? `, of which ${reserve} are kept for the answer` : '';
  return new ApplianceError(
    'context_length_exceeded',
    `The prompt has ${prompt} tokens, but the context has ${contextLength}${kept}. ` +
      'Shorten the conversation, or load the model with a larger context (num_ctx).',
  );
}
