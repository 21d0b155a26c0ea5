import { ApplianceError } from '../errors.ts';
import type { FittedPrompt } from './prompt/index.ts';
import type { ResidentModel } from './resident-model.ts';

/** A prompt that was longer than it looked; another, shorter one may be tried. */
export class PromptTooLong extends Error {}

/** Learns what the runtime says of a prompt that was longer than it looked. */
export function refusal(model: ResidentModel, prompt: FittedPrompt, error: unknown): unknown {
  if (!isTooLong(error)) return error;
  const [, tokens] = /prompt: (\d+) tokens/.exec(error.message) ?? [];
  if (prompt.tokenCount !== null || tokens === undefined) return error;
  model.prompter.learn(prompt.text, Number(tokens));
  return new PromptTooLong(error.message, { cause: error });
}

export function isTooLong(error: unknown): error is ApplianceError {
  return error instanceof ApplianceError && error.code === 'context_length_exceeded';
}
