import * as z from 'zod';
import type { ChatMessage } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';
import { parseBody } from '../../body.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { assertAble } from './ability.ts';
import { generateShape } from './answer.ts';
import { answer, emptyAnswer } from './answering.ts';
import * as fields from './fields.ts';
import { loadOrUnload } from './load-unload.ts';
import { userMessage } from './messages.ts';
import { findModel } from './names.ts';
import { optionFields, options } from './options.ts';
import { assertNoLogprobs } from './refusals.ts';

export const generateRequest = z.object({
  model: fields.name,
  prompt: z.string().nullish().describe('A question; none: the model is loaded or unloaded.'),
  suffix: z.string().nullish().describe('Refused: the runtime cannot fill in the middle.'),
  system: z.string().nullish().describe('The system message.'),
  raw: z
    .boolean()
    .nullish()
    .describe('The model goes on with the prompt as it stands, without a chat template.'),
  images: fields.images,
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

/** `POST /api/generate`: the answer to one prompt; without a prompt the model is loaded. */
export function generate(services: HttpServices, silenceMs: number): Handler {
  const { engine, catalogue } = services;
  return async (request, response) => {
    const body = parseBody(generateRequest, request);
    const name = body.model ?? '';
    const model = findModel(catalogue, name);
    const keepAlive = fields.keepAliveMs(body.keep_alive);
    const streams = body.stream ?? true;
    const answering = { model: name, shape: generateShape, streams, silenceMs };
    assertPossible(body, name);
    if (!body.prompt) {
      const reason = await loadOrUnload(engine, model, keepAlive.keepAliveMs);
      response.json(emptyAnswer(answering, reason));
      return;
    }
    const thinking = fields.thinkingIn(body.think);
    await assertAble(engine, model, name, {
      tools: false,
      thinking: thinking !== undefined && thinking !== false,
      images: (body.images ?? []).length > 0,
    });
    const generation = {
      model: model.name,
      ...questionIn(body, body.prompt),
      ...fields.formatIn(body.format),
      ...(thinking !== undefined && { thinking }),
      ...optionFields(body.options),
      ...keepAlive,
      overflow: body.truncate === false ? ('error' as const) : ('truncate' as const),
    };
    await answer(services, request, response, generation, answering);
  };
}

function questionIn(
  { raw, system, images }: z.output<typeof generateRequest>,
  prompt: string,
): { prompt: string } | { messages: ChatMessage[] } {
  if (raw) return { prompt };
  const before: ChatMessage[] = system ? [{ role: 'system', content: system }] : [];
  return { messages: [...before, userMessage(prompt, images)] };
}

function assertPossible(body: z.output<typeof generateRequest>, name: string): void {
  assertNoLogprobs(body.logprobs);
  if (body.suffix) throw new ApplianceError('unsupported', `"${name}" does not support insert`);
  if (body.raw && body.images?.length) {
    throw new ApplianceError(
      'unsupported',
      'raw: a prompt without a template has no place for images.',
    );
  }
}
