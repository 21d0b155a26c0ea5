import type { IncomingMessage } from 'node:http';
import { cutOff } from './failures.ts';

/** Longest line that is waited for: an answer to a person is shorter. */
const maxLine = 64 * 1024 * 1024;

/** The lines of an answer as they come: JSON, bare or as the data of server-sent events. */
export async function* linesOf(answer: IncomingMessage, place: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts(answer, place)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLine) throw cutOff(place);
    for (const line of lines) yield* payload(line);
  }
  yield* payload(rest);
}

/** The whole of an answer. */
export async function textOf(answer: IncomingMessage, place: string): Promise<string> {
  let whole = '';
  for await (const text of texts(answer, place)) whole += text;
  return whole;
}

async function* texts(answer: IncomingMessage, place: string): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  try {
    for await (const chunk of answer) yield String(chunk);
  } catch (error) {
    throw error instanceof Error && error.name === 'AbortError' ? error : cutOff(place);
  }
  if (!answer.complete) throw cutOff(place);
}

function* payload(line: string): Generator<string> {
  const text = line.replace(/^data:/, '').trim();
  // A comment is a sign of life of server-sent events, [DONE] their end.
  if (text !== '' && text !== '[DONE]' && !text.startsWith(':')) yield text;
}
