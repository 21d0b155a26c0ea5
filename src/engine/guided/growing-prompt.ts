import type { FittedPrompt, Prompter } from '../prompt/index.ts';
import type { RunInput } from '../run-request.ts';
import type { Draft } from './draft.ts';

/**
 * The prompt of each run of an answer. Each begins with the one before and the tokens that came of
 * it, so that the KV cache has all but what is new.
 */
export class GrowingPrompt {
  readonly #prompter: Pick<Prompter, 'extend'>;
  readonly #prompt: FittedPrompt;
  /** Null: the prompt goes in as text. */
  #ids: Int32Array<ArrayBuffer> | null;

  constructor(prompter: Pick<Prompter, 'extend'>, prompt: FittedPrompt) {
    this.#prompter = prompter;
    this.#prompt = prompt;
    this.#ids = prompt.kind === 'tokens' ? (prompt.ids ?? null) : null;
  }

  /** The prompt with all that is written; `tokens` is null without a tokenizer. */
  async with(draft: Draft): Promise<{ input: RunInput; tokens: number | null }> {
    const pieces = draft.take();
    if (this.#ids) {
      const added = await this.#prompter.extend(pieces);
      if (added) {
        this.#ids = Int32Array.from([...this.#ids, ...added]);
        return { input: { type: 'tokens', ids: this.#ids }, tokens: this.#ids.length };
      }
      // The tokenizer was given up meanwhile.
      this.#ids = null;
    }
    return { input: { type: 'prompt', text: this.#prompt.text + draft.text }, tokens: null };
  }

  /** Tokens of text that the engine writes; about as many without a tokenizer. */
  async count(text: string): Promise<number> {
    const ids = this.#ids && (await this.#prompter.extend([{ text }]));
    return ids ? ids.length : Math.ceil(text.length / 3);
  }
}
