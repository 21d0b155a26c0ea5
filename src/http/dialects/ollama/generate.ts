import * as z from 'zod';
import type { ChatMessage } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';
import { parseBody } from '../../body.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { generateShape } from './answer.ts';
import { answerOrLoad } from './answer-or-load.ts';
import { images } from './fields.ts';
import { generationFields } from './generation-request.ts';
import { userMessage } from './messages.ts';

export const generateRequest = z.object({
  ...generationFields,
  prompt: z.string().nullish().describe('A question; none: the model is loaded or unloaded.'),
  suffix: z.string().nullish().describe('Refused: the runtime cannot fill in the middle.'),
  system: z.string().nullish().describe('The system message.'),
  raw: z
    .boolean()
    .nullish()
    .describe('The model goes on with the prompt as it stands, without a chat template.'),
  images,
});

type GenerateRequest = z.output<typeof generateRequest>;

/** `POST /api/generate`: the answer to one prompt; without a prompt the model is loaded. */
export function generate(services: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(generateRequest, request);
    assertPossible(body);
    await answerOrLoad(services, request, response, {
      body,
      question: body.prompt ? questionIn(body, body.prompt) : undefined,
      shape: generateShape,
      silenceMs,
    });
  };
}

function questionIn(
  { raw, system, images: given }: GenerateRequest,
  prompt: string,
): { prompt: string } | { messages: ChatMessage[] } {
  if (raw) return { prompt };
  const before: ChatMessage[] = system ? [{ role: 'system', content: system }] : [];
  return { messages: [...before, userMessage(prompt, given)] };
}

function assertPossible({ model, suffix, raw, images: given }: GenerateRequest): void {
  if (suffix) throw new ApplianceError('unsupported', `"${model}" does not support insert`);
  if (raw && given?.length) {
    throw new ApplianceError(
      'unsupported',
      'raw: a prompt without a template has no place for images.',
    );
  }
}
