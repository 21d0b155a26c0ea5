/** From chat messages to what goes into the runtime. */
import { ApplianceError } from '../../errors.ts';
import type { ChatMessage } from '../types.ts';
import { textOf } from './template-messages.ts';

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

export type { PromptBudget } from './fitting.ts';
export type {
  FittedPrompt,
  PromptCapabilities,
  PrompterOptions,
  PromptInput,
  PromptModel,
  RenderedPrompt,
} from './prompt-types.ts';
export { Prompter } from './prompter.ts';
