import { ReasoningSplitter } from '../output/reasoning.ts';
import { reasoningStyles } from '../output/reasoning-styles.ts';

/** Reads what a model thinks before it writes what is guided. */
export class Thought {
  readonly #splitter: ReasoningSplitter;
  /** The end of the prompt and what the model wrote: which tag is open can be seen there. */
  #written: string;

  /** @param prompt what the thought stands behind @param opened the prompt ended with the opening tag */
  constructor(prompt: string, opened: boolean) {
    this.#splitter = new ReasoningSplitter({ opened, tools: false });
    this.#written = opened ? prompt.slice(-64) : '';
  }

  /** What the text adds to the thought, and what it begins to answer. */
  push(text: string): { reasoning: string; answer: string } {
    this.#written += text;
    return joined(this.#splitter.push(text));
  }

  /** The thought is over, and nothing was answered yet. */
  get closed(): boolean {
    return this.#splitter.closed;
  }

  /** What was held back, where the model ended. */
  end(): { reasoning: string; answer: string } {
    return joined(this.#splitter.end());
  }

  /** What has to be written so that an answer can follow. */
  get closing(): string {
    const behind = /\n*$/.exec(this.#written)?.[0].length ?? 0;
    if (this.closed) return '\n'.repeat(Math.max(0, 2 - behind));
    const opener = (text: string) => this.#written.lastIndexOf(text);
    const open = reasoningStyles
      .filter((style) => opener(style.open) > opener(style.close))
      .toSorted((a, b) => opener(b.open) - opener(a.open))
      .at(0);
    return open ? `${behind > 0 ? '' : '\n'}${open.close}\n\n` : '';
  }
}

function joined(segments: readonly { type: 'text' | 'reasoning'; text: string }[]) {
  const of = (wanted: 'text' | 'reasoning') =>
    segments.map(({ type, text }) => (type === wanted ? text : '')).join('');
  return { reasoning: of('reasoning'), answer: of('text') };
}
