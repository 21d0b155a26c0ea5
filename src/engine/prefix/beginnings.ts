/** Tells which of the waiting requests goes on from what is in memory, before any prompt is written. */
import { createHash } from 'node:crypto';
import type { GenerationRequest } from '../types.ts';

/** A beginning of a request: two that have the same hash are the same. */
export interface Beginning {
  hash: string;
  /** How long its texts are. */
  characters: number;
}

/** A plain prompt has no messages: it is looked at in pieces of this many characters. */
const pieceCharacters = 512;

/** The beginnings of a request, shortest first: its tools, then message after message. */
export function beginningsOf({ messages, prompt, tools, lora }: GenerationRequest): Beginning[] {
  const parts: string[] =
    messages === undefined
      ? piecesOf(prompt)
      : messages.map((message) => JSON.stringify(message, withoutBytes));
  const hash = createHash('sha1').update(lora ?? '');
  let characters = 0;
  return [JSON.stringify(tools ?? []), ...parts].map((part) => {
    characters += part.length;
    hash.update(`\n${part}`);
    return { hash: hash.copy().digest('base64'), characters };
  });
}

/** Characters of the longest beginning that both have. */
export function commonCharacters(left: readonly Beginning[], right: readonly Beginning[]): number {
  let characters = 0;
  for (const [index, { hash }] of left.entries()) {
    const other = right[index];
    if (other?.hash !== hash) break;
    characters = other.characters;
  }
  return characters;
}

function piecesOf(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / pieceCharacters) }, (_, index) =>
    text.slice(index * pieceCharacters, (index + 1) * pieceCharacters),
  );
}

/** Images are not told apart. */
function withoutBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? value.length : value;
}
