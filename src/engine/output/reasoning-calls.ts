import type { ToolCall } from '../types.ts';
import type { OutputEvent } from './event.ts';
import type { CallFinder, Finding } from './tools/call-finder.ts';

/**
 * Calls that a model makes before it has closed its reasoning, as Qwen3 and 3.5 do (llama.cpp
 * #24202). Models also draft calls there and make them later, so a call counts only if nothing
 * follows it: with more reasoning or an answer behind it, it stays the reasoning that it was.
 */
export class ReasoningCalls {
  readonly #finder: CallFinder;
  /** Calls that nothing has followed yet, and the text they were read from. */
  #calls: ToolCall[] = [];
  #raw = '';

  constructor(finder: CallFinder) {
    this.#finder = finder;
  }

  push(text: string): OutputEvent[] {
    return this.#sort(this.#finder.push(text));
  }

  /** An answer follows: there was no call. */
  answer(): OutputEvent[] {
    return [...this.#sort(this.#finder.end()), ...this.#drafts()];
  }

  end(): OutputEvent[] {
    const events = this.#sort(this.#finder.end());
    const calls = this.#calls.map((call): OutputEvent => ({ type: 'tool_call', call }));
    this.#calls = [];
    return [...events, ...calls];
  }

  #sort(findings: readonly Finding[]): OutputEvent[] {
    return findings.flatMap((finding): OutputEvent[] => {
      if (finding.type === 'text') {
        return [...this.#drafts(), { type: 'reasoning', text: finding.text }];
      }
      this.#calls.push(...finding.calls);
      this.#raw += finding.raw;
      return [];
    });
  }

  #drafts(): OutputEvent[] {
    const text = this.#raw;
    this.#raw = '';
    this.#calls = [];
    return text === '' ? [] : [{ type: 'reasoning', text }];
  }
}
