import type { Request, Response } from 'express';
import type { ChatMessage, Thinking, Tool } from '../../../engine/index.ts';
import type { HttpServices } from '../../services.ts';
import { assertAble, type Needs } from './ability.ts';
import type { AnswerShape } from './answer.ts';
import { answer, emptyAnswer } from './answering.ts';
import { keepAliveMs } from './fields.ts';
import { type GenerationFields, generationOptions } from './generation-request.ts';
import { loadOrUnload } from './load-unload.ts';
import { findModel } from './names.ts';

type Question = { prompt: string } | { messages: readonly ChatMessage[]; tools?: readonly Tool[] };

interface Asked {
  body: GenerationFields;
  /** Undefined: the model is loaded or unloaded. */
  question: Question | undefined;
  shape: AnswerShape;
  /** Silence on a stream after which it shows a sign of life. */
  silenceMs: number;
}

/** What `/api/chat` and `/api/generate` have in common, once their question is read. */
export async function answerOrLoad(
  services: HttpServices,
  request: Request,
  response: Response,
  { body, question, shape, silenceMs }: Asked,
): Promise<void> {
  const { engine, catalogue } = services;
  const name = body.model ?? '';
  const model = findModel(catalogue, name);
  const answering = { model: name, shape, streams: body.stream ?? true, silenceMs };
  if (!question) {
    const reason = await loadOrUnload(engine, model, keepAliveMs(body.keep_alive).keepAliveMs);
    response.json(emptyAnswer(answering, reason));
    return;
  }
  const options = generationOptions(body);
  await assertAble(engine, model, name, needsOf(question, options.thinking));
  const generation = { model: model.name, ...question, ...options };
  await answer(services, request, response, generation, answering);
}

function needsOf(question: Question, thinking: Thinking | undefined): Needs {
  const { messages = [], tools = [] } = 'messages' in question ? question : {};
  return {
    tools: tools.length > 0,
    thinking: thinking !== undefined && thinking !== false,
    images: messages.some(hasImages),
  };
}

function hasImages({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content.some(({ type }) => type === 'image');
}
