/** From chat messages to what goes into the runtime. */
import { ApplianceError } from '../../errors.ts';
import type { ChatMessage } from '../types.ts';
import { hasImages, textOf } from './template-messages.ts';

/** More would take the better part of a second to write, and no context has room for them. */
const mostMessages = 2048;

/**
 * Throws `invalid_request` for a text that the runtime's C strings cannot carry, and for too many
 * messages; `unsupported` for images, which no run takes yet.
 */
export function assertWritable(messages: readonly ChatMessage[]): void {
  if (messages.length === 0 || messages.length > mostMessages) {
    throw new ApplianceError(
      'invalid_request',
      `A conversation has 1 to ${mostMessages} messages, this one has ${messages.length}.`,
    );
  }
  if (messages.some(hasImages)) {
    throw new ApplianceError('unsupported', 'Images cannot be given to a model yet, only text.');
  }
  for (const [index, message] of messages.entries()) {
    assertReadable(textOf(message), `Message ${index + 1}`);
  }
}

/** The same for a text without a template. */
export function assertPlain(prompt: string): void {
  if (prompt === '') {
    throw new ApplianceError(
      'invalid_request',
      'The prompt is empty: there is nothing to go on from.',
    );
  }
  assertReadable(prompt, 'The prompt');
}

function assertReadable(text: string, name: string): void {
  const at = text.indexOf('\0');
  if (at < 0) return;
  throw new ApplianceError(
    'invalid_request',
    `${name} contains a NUL character at position ${at}, which no model can read.`,
  );
}

export type { PromptBudget } from './fitting.ts';
export { fitPlain } from './plain-prompt.ts';
export type {
  FittedPrompt,
  PromptCapabilities,
  PrompterOptions,
  PromptInput,
  PromptModel,
  RenderedPrompt,
} from './prompt-types.ts';
export type { AnswerPiece } from './prompt-writer.ts';
export { Prompter } from './prompter.ts';
