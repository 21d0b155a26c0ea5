/** From chat messages to what goes into the runtime. */
import { ApplianceError } from '../../errors.ts';
import type { ChatMessage } from '../types.ts';
import { familyOf } from './families.ts';

/**
 * `runtime`: the runtime puts the text into the template inside the model file.
 * `text`: the text is finished; the runtime's template must be off.
 */
export interface Prompt {
  kind: 'runtime' | 'text';
  text: string;
}

/** The words of a message; parts that are no text are left out. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Throws `invalid_request` for a text that the runtime's C strings cannot carry. */
export function assertPrintable(messages: readonly ChatMessage[]): void {
  for (const [index, message] of messages.entries()) {
    const at = textOf(message).indexOf('\0');
    if (at >= 0) {
      throw new ApplianceError(
        'invalid_request',
        `Message ${index + 1} contains a NUL character at position ${at}, which no model can read.`,
      );
    }
  }
}

/** True when the template in the model file cannot express it: it knows one user turn only. */
export function needsRendering(messages: readonly ChatMessage[]): boolean {
  return messages.length !== 1 || messages[0]?.role !== 'user';
}

/** Renders a whole conversation in the format of the model's family. */
export async function renderConversation(
  modelName: string,
  messages: readonly ChatMessage[],
): Promise<string> {
  const { Template } = await import('@huggingface/jinja');
  return new Template(familyOf(modelName).template).render({
    messages: messages.map((message) => ({ role: message.role, content: textOf(message) })),
  });
}
