import * as z from 'zod';
import type { ChatMessage } from '../../../engine/index.ts';
import { parseBody } from '../../body.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { assertAble } from './ability.ts';
import { chatShape } from './answer.ts';
import { answer, emptyAnswer } from './answering.ts';
import * as fields from './fields.ts';
import { loadOrUnload } from './load-unload.ts';
import { chatMessages, messages, tools, toolsOf } from './messages.ts';
import { findModel } from './names.ts';
import { optionFields, options } from './options.ts';
import { assertNoLogprobs } from './refusals.ts';

export const chatRequest = z.object({
  model: fields.name,
  messages: messages.describe('The conversation; none: the model is loaded or unloaded.'),
  tools: tools.describe('Functions that the model may call.'),
  options,
  stream: fields.stream,
  think: fields.think,
  format: fields.format,
  keep_alive: fields.keepAlive,
  truncate: z
    .boolean()
    .nullish()
    .describe('False: a conversation that is too long is an error, and not shortened.'),
  logprobs: fields.logprobs,
});

/** `POST /api/chat`: the next turn of a conversation; without messages the model is loaded. */
export function chat(services: HttpServices, silenceMs: number): Handler {
  const { engine, catalogue } = services;
  return async (request, response) => {
    const body = parseBody(chatRequest, request);
    const name = body.model ?? '';
    const model = findModel(catalogue, name);
    const keepAlive = fields.keepAliveMs(body.keep_alive);
    const answering = { model: name, shape: chatShape, streams: body.stream ?? true, silenceMs };
    if (!body.messages?.length) {
      const reason = await loadOrUnload(engine, model, keepAlive.keepAliveMs);
      response.json(emptyAnswer(answering, reason));
      return;
    }
    const format = fields.formatIn(body.format);
    assertNoLogprobs(body.logprobs);
    const thinking = fields.thinkingIn(body.think);
    const turns = chatMessages(body.messages);
    const offered = toolsOf(body.tools);
    await assertAble(engine, model, name, {
      tools: offered.length > 0,
      thinking: thinking !== undefined && thinking !== false,
      images: turns.some(hasImages),
    });
    const generation = {
      model: model.name,
      messages: turns,
      ...(offered.length > 0 && { tools: offered }),
      ...(thinking !== undefined && { thinking }),
      ...optionFields(body.options),
      ...keepAlive,
      ...format,
      overflow: body.truncate === false ? ('error' as const) : ('truncate' as const),
    };
    await answer(services, request, response, generation, answering);
  };
}

function hasImages({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content.some(({ type }) => type === 'image');
}
