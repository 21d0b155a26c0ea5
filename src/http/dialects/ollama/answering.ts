import type { Request, Response } from 'express';
import type { Generation, GenerationRequest } from '../../../engine/index.ts';
import { clientField } from '../../access/client.ts';
import { withoutResult } from '../../answer-stream.ts';
import { clientSignal } from '../../client-signal.ts';
import { NdjsonStream } from '../../ndjson.ts';
import type { HttpServices } from '../../services.ts';
import { type AnswerPart, AnswerReader, type AnswerShape, joinParts } from './answer.ts';
import { wireNames } from './options.ts';

export interface Answering {
  /** As the client wrote it; answers echo it. */
  model: string;
  shape: AnswerShape;
  streams: boolean;
  /** Silence on a stream after which it shows a sign of life. */
  silenceMs: number;
}

/** Generates, and answers as a stream or whole: the same events both times. */
export async function answer(
  { engine }: HttpServices,
  request: Request,
  response: Response,
  generationRequest: GenerationRequest,
  answering: Answering,
): Promise<void> {
  const signal = clientSignal(response);
  const reader = new AnswerReader(generationRequest.thinking !== false);
  const generation = await engine.generate(
    { ...generationRequest, ...clientField(request) },
    signal,
  );
  if (generation.unsupported.length > 0) {
    response.set('X-Rkllama-Unsupported', wireNames(generation.unsupported).join(', '));
  }
  if (answering.streams) await stream(generation, reader, response, signal, answering);
  else response.json(await collect(generation, reader, answering));
}

/** An answer without a generation, which tells what happened to the model. */
export function emptyAnswer({ model, shape }: Answering, doneReason: 'load' | 'unload'): object {
  return {
    ...beginning(model),
    ...shape({ content: '' }),
    done: true,
    done_reason: doneReason,
  };
}

function stream(
  generation: Generation,
  reader: AnswerReader,
  response: Response,
  signal: AbortSignal,
  { model, shape, silenceMs }: Answering,
): Promise<void> {
  const line = (part: AnswerPart) => ({ ...beginning(model), ...shape(part), done: false });
  const lines = new NdjsonStream(response);
  return lines.run({ silenceMs, beat: () => line({ content: '' }) }, async (send) => {
    for await (const batch of generation.events) {
      if (!send(reader.read(batch).map(line))) await lines.drained(signal);
    }
    const ending = reader.ending();
    if (!ending) throw withoutResult();
    send([{ ...beginning(model), ...shape({ content: '' }), ...ending }]);
  });
}

async function collect(
  generation: Generation,
  reader: AnswerReader,
  { model, shape }: Answering,
): Promise<object> {
  const parts: AnswerPart[] = [];
  for await (const batch of generation.events) parts.push(...reader.read(batch));
  const ending = reader.ending();
  if (!ending) throw withoutResult();
  return { ...beginning(model), ...shape(joinParts(parts)), ...ending };
}

function beginning(model: string): { model: string; created_at: string } {
  return { model, created_at: new Date().toISOString() };
}
