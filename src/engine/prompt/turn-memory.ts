/**
 * Remembers how a model wrote its tool calls. Clients send back what was parsed out of them; a
 * template writes that with other blanks, and the prefix in the KV cache would end there.
 */
import type { ChatMessage } from '../types.ts';

type AssistantMessage = ChatMessage & { role: 'assistant' };

const mostTurns = 512;
const longestTurn = 64 * 1024;
/** Of all turns, with their keys: agents put whole files into their calls. */
const mostCharacters = 4 * 1024 * 1024;

export class TurnMemory {
  readonly #generated = new Map<string, string>();
  #characters = 0;

  /** @param generated the text of the turn as it came, without the thought before it */
  remember(message: AssistantMessage, generated: string): void {
    if (!message.toolCalls?.length || generated.length > longestTurn) return;
    const key = keyOf(message);
    this.#forget(key);
    this.#generated.set(key, generated);
    this.#characters += key.length + generated.length;
    for (const oldest of this.#generated.keys()) {
      if (this.#generated.size <= mostTurns && this.#characters <= mostCharacters) break;
      this.#forget(oldest);
    }
  }

  /** The messages with every remembered turn as it was generated; null when there is none. */
  restore(messages: readonly ChatMessage[]): ChatMessage[] | null {
    let restored = false;
    const result = messages.map((message) => {
      if (message.role !== 'assistant' || !message.toolCalls?.length) return message;
      const generated = this.#generated.get(keyOf(message));
      if (generated === undefined) return message;
      restored = true;
      const { toolCalls: _, ...rest } = message;
      return { ...rest, content: generated };
    });
    return restored ? result : null;
  }

  #forget(key: string): void {
    const generated = this.#generated.get(key);
    if (generated === undefined) return;
    this.#generated.delete(key);
    this.#characters -= key.length + generated.length;
  }
}

function keyOf({ content, toolCalls = [] }: AssistantMessage): string {
  const calls = toolCalls.map((call) => [call.name, sorted(call.arguments)]);
  return JSON.stringify([content.trim(), calls]);
}

/** Clients may reorder the keys of what they parsed. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, each]) => [key, sorted(each)]);
}
