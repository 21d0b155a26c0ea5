/**
 * The day that a template is told (`strftime_now`). It stays the one on which a conversation began:
 * a date that changed in the middle would change the prompt's beginning, and all of it would have to
 * be prefilled again. A conversation begins where nothing has been answered yet, and all that began
 * with the same question are taken for one.
 */
import type { ChatMessage } from '../types.ts';
import { textOf } from './template-messages.ts';

const mostConversations = 512;
const longestKey = 500;

export class ConversationDates {
  readonly #now: () => number;
  readonly #days = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Milliseconds since 1970 of the beginning of a local day.
   * @param messages of the request; what a Modelfile puts before them tells no conversations apart
   */
  of(messages: readonly ChatMessage[]): number {
    const first = messages.find(({ role }) => role === 'user') ?? messages[0];
    const key = first ? textOf(first).slice(0, longestKey) : '';
    const goesOn = messages.some(({ role }) => role === 'assistant');
    const known = goesOn ? this.#days.get(key) : undefined;
    const day = known ?? new Date(this.#now()).setHours(0, 0, 0, 0);
    this.#days.delete(key);
    this.#days.set(key, day);
    const [oldest] = this.#days.keys();
    if (this.#days.size > mostConversations && oldest !== undefined) this.#days.delete(oldest);
    return day;
  }
}
