import * as z from 'zod';
import { parseBody } from '../../body.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { chatShape } from './answer.ts';
import { answerOrLoad } from './answer-or-load.ts';
import { generationFields } from './generation-request.ts';
import { chatMessages, messages, tools, toolsOf } from './messages.ts';

export const chatRequest = z.object({
  ...generationFields,
  messages: messages.describe('The conversation; none: the model is loaded or unloaded.'),
  tools: tools.describe('Functions that the model may call.'),
});

/** `POST /api/chat`: the next turn of a conversation; without messages the model is loaded. */
export function chat(services: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(chatRequest, request);
    const question = body.messages?.length ? questionIn(body.messages, body.tools) : undefined;
    await answerOrLoad(services, request, response, {
      body,
      question,
      shape: chatShape,
      silenceMs,
    });
  };
}

function questionIn(
  given: NonNullable<z.output<typeof messages>>,
  offered: z.output<typeof tools>,
) {
  return {
    messages: chatMessages(given),
    ...(offered?.length && { tools: toolsOf(offered) }),
  };
}
