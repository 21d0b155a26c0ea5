/** A text that goes into the runtime without a template, cut to what the context has room for. */
import { contextExceeded, limitOf, type PromptBudget } from './fitting.ts';
import type { FittedPrompt } from './prompt-types.ts';
import type { Prompter } from './prompter.ts';

/** Most attempts at a text whose tokens can only be estimated. */
const mostAttempts = 8;

/**
 * What is too long loses its beginning, but for the tokenizer's own: an answer goes on from the end.
 * Throws `context_length_exceeded` where `overflow` is `error`.
 */
export async function fitPlain(
  prompter: Prompter,
  text: string,
  budget: PromptBudget,
): Promise<FittedPrompt> {
  const limit = limitOf(budget);
  let prompt = await prompter.renderPlain(text, 'beginning');
  if (prompt.tokensAtMost <= limit) return { ...prompt, dropped: 0 };
  if (budget.overflow === 'error') throw contextExceeded(prompt, budget);
  if (prompt.ids) {
    const beginning = (await prompter.renderPlain('', 'beginning')).ids ?? [];
    const end = prompt.ids.slice(prompt.ids.length - Math.max(1, limit - beginning.length));
    const ids = Int32Array.from([...beginning, ...end]);
    return { ...prompt, ids, tokenCount: ids.length, tokensAtMost: ids.length, dropped: 0 };
  }
  for (let attempt = 0; attempt < mostAttempts && prompt.tokensAtMost > limit; attempt++) {
    const kept = Math.floor((prompt.text.length * limit) / prompt.tokensAtMost) - attempt;
    prompt = await prompter.renderPlain(endOf(prompt.text, Math.max(1, kept)), 'beginning');
  }
  return { ...prompt, dropped: 0 };
}

/** About as many characters, and no half of one. */
function endOf(text: string, length: number): string {
  const end = text.slice(-length);
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end;
}
