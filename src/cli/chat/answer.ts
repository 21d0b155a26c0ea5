import { type ChatEnding, type ChatRequest, chat } from '../api/chat.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { AnswerView } from './answer-view.ts';

export interface Answer {
  text: string;
  thinking: string;
  /** Undefined: it was stopped before its end. */
  ending: ChatEnding | undefined;
}

/**
 * Asks, and shows the answer as it comes. An abort ends the answer and is no error here.
 * @param isShown false: the answer is collected in silence
 */
export async function askAndShow(
  out: Terminal,
  client: Client,
  request: ChatRequest,
  signal: AbortSignal,
  isShown: boolean,
): Promise<Answer> {
  const answer: Answer = { text: '', thinking: '', ending: undefined };
  const view = isShown ? new AnswerView(out) : undefined;
  view?.wait();
  try {
    for await (const part of chat(client, request, signal)) {
      if (part.type === 'done') answer.ending = part.ending;
      else if (part.type === 'thinking') answer.thinking += part.text;
      else answer.text += part.text;
      if (part.type !== 'done') view?.show(part);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    view?.end();
  }
  return answer;
}
