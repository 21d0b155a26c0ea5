import type { Draft } from '../../../src/engine/guided/draft.ts';
import type { TextSource } from '../../../src/engine/guided/writer.ts';
import type { RunEvent } from '../../../src/rkllm/index.ts';

/** The next token after what is written; null: the model ends. */
export type Speaker = (written: string) => string | null;

interface FakeOptions {
  /** Whether certain text is put into the prompt. */
  continues?: (tokens: number) => boolean;
  /** Tokens that the context has room for, over all. */
  room?: number;
  /** Tokens that still come after an abort. */
  late?: number;
}

/** A model without weights: what it says next depends on what is written so far. */
export class FakeSource implements TextSource {
  readonly #speak: Speaker;
  readonly #options: FakeOptions;
  #aborted = false;
  #running = false;
  runs = 0;
  /** Tokens that were generated, wanted or not. */
  generated = 0;

  constructor(speak: Speaker, options: FakeOptions = {}) {
    this.#speak = speak;
    this.#options = options;
  }

  async run(draft: Draft, maxTokens: number): Promise<AsyncIterable<RunEvent> | null> {
    if (this.#running) throw new Error('a run begins while another one goes on');
    const { room = Number.POSITIVE_INFINITY } = this.#options;
    if (draft.text.length >= room) return null;
    draft.take();
    this.runs += 1;
    this.#aborted = false;
    this.#running = true;
    return this.#events(draft.text, maxTokens);
  }

  abort(): void {
    this.#aborted = true;
  }

  async count(text: string): Promise<number> {
    return Math.ceil(text.length / 3);
  }

  continuationPays(tokens: number): boolean {
    return this.#options.continues?.(tokens) ?? tokens > 2;
  }

  async *#events(before: string, maxTokens: number): AsyncGenerator<RunEvent> {
    let written = before;
    let tokens = 0;
    let late = this.#options.late ?? 0;
    let ending: 'end' | 'limit' | 'aborted' = 'end';
    for (;;) {
      if (this.#aborted && late-- <= 0) ending = 'aborted';
      else if (tokens === maxTokens) ending = 'limit';
      if (ending !== 'end') break;
      const text = this.#speak(written);
      if (text === null) break;
      written += text;
      tokens += 1;
      this.generated += 1;
      yield { type: 'tokens', texts: [text], ids: [1000 + tokens] };
    }
    this.#running = false;
    yield { type: 'finished', ending, tokens, counters: null, kvEntries: null };
  }
}

/** A model that says one of `words`, and ends now and then. */
export function babbler(words: readonly string[], next: () => number, ends = 0.02): Speaker {
  return () => (next() < ends ? null : (words[Math.floor(next() * words.length)] ?? null));
}

/** A model that writes this text, wherever it finds itself in it; else it ends. */
export function reciter(text: string, tokenLength = 3): Speaker {
  return (written) => {
    for (let at = text.length; at > 0; at--) {
      if (written.endsWith(text.slice(0, at))) return text.slice(at, at + tokenLength) || null;
    }
    return text.slice(0, tokenLength);
  };
}

export const nearJson = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '":',
  '",',
  ': ',
  ', ',
  ' "',
  'true',
  'false',
  'null',
  '1',
  '-',
  '0.5',
  'e',
  '20',
  'Paris',
  'kitchen',
  ' light',
  '\n',
  '  ',
  '{"',
  '"}',
  '\\',
  'on',
  '```json\n',
  "'",
];
export const hostile = [
  '\\',
  '\\u',
  '\\ud83d',
  '\\"',
  '"',
  '""',
  '\u0000',
  '\u0007',
  '\t',
  '\r\n',
  '\ud83d\ude00',
  '\ud83d',
  '\u2028',
  '</think>',
  '<think>',
  '<tool_call>',
  '</tool_call>',
  '<|im_end|>',
  '{'.repeat(40),
  '['.repeat(40),
  '9'.repeat(40),
  '-',
  'é',
  '漢',
  ' '.repeat(100),
  '\n'.repeat(10),
  '}}}}',
  'NaN',
];
export const prose = [
  'The',
  ' answer',
  ' is',
  ' that',
  ',',
  '.',
  '\n',
  ' one',
  ' could',
  ' say',
  ':',
  ' 42',
  ' "',
  '"',
];
