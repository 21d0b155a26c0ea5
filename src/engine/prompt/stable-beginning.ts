/** How far a prompt is the same in every conversation with its system prompt and its tools. */
import type { Conversation } from './chat-format.ts';

/** Kept, the latest: a board serves few clients, each with its own prompt and tools. */
const most = 16;
/** A question that no other begins like: the prompts part where it stands. */
const question = '\uE000';

export class StableBeginning {
  readonly #known = new Map<string, readonly number[]>();

  /**
   * @param ids of the whole prompt
   * @param write the text of a prompt; may throw, as templates refuse what they do not like
   * @returns tokens; 0 where it has neither a system message nor tools of its own
   */
  tokensOf(
    conversation: Conversation,
    ids: ArrayLike<number>,
    write: (conversation: Conversation) => string,
    encode: (text: string) => readonly number[],
  ): number {
    const { messages, tools, thinking, now } = conversation;
    const first = messages.findIndex(({ role }) => role !== 'system');
    const system = messages.slice(0, Math.max(0, first));
    if (system.length === 0 && tools.length === 0) return 0;
    const key = JSON.stringify([system, tools, thinking, now]);
    let beginning = this.#known.get(key);
    if (!beginning) {
      const asked: Conversation = {
        ...conversation,
        messages: [...system, { role: 'user', content: question }],
        begun: null,
        prefill: '',
      };
      beginning = encode(beginningOf(asked, write));
    }
    this.#keep(key, beginning);
    let same = 0;
    while (same < beginning.length && beginning[same] === ids[same]) same += 1;
    return same;
  }

  #keep(key: string, beginning: readonly number[]): void {
    this.#known.delete(key);
    this.#known.set(key, beginning);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }
}

function beginningOf(asked: Conversation, write: (conversation: Conversation) => string): string {
  try {
    const text = write(asked);
    return text.slice(0, Math.max(0, text.indexOf(question)));
  } catch {
    return '';
  }
}
