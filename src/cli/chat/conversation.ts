import type { ChatMessage, ChatRequest } from '../api/chat.ts';
import type { ParameterValue } from './values.ts';

/** What a chat is made of: the model, what was said, and how it is asked. */
export class Conversation {
  model: string;
  system: string | undefined;
  think: boolean | string | undefined;
  format: string | object | undefined;
  keepAlive: string | number | undefined;
  readonly parameters = new Map<string, ParameterValue>();
  #turns: ChatMessage[] = [];

  constructor(model: string) {
    this.model = model;
  }

  get turns(): readonly ChatMessage[] {
    return this.#turns;
  }

  /** The request that asks `question` after everything that was said. */
  request(question: string): ChatRequest {
    const system: ChatMessage[] =
      this.system === undefined ? [] : [{ role: 'system', content: this.system }];
    return {
      model: this.model,
      messages: [...system, ...this.#turns, { role: 'user', content: question }],
      ...(this.think !== undefined && { think: this.think }),
      ...(this.format !== undefined && { format: this.format }),
      ...(this.keepAlive !== undefined && { keep_alive: this.keepAlive }),
      ...(this.parameters.size > 0 && { options: Object.fromEntries(this.parameters) }),
    };
  }

  /** Keeps a turn. One that failed is not kept: the next question would be answered with it. */
  add(question: string, answer: string): void {
    this.#turns.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
  }

  forget(): void {
    this.#turns = [];
  }
}
