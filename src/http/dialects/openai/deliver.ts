import type { Response } from 'express';
import type { Generation } from '../../../engine/index.ts';
import { streamAnswer } from '../../answer-stream.ts';
import type { AnswerOptions } from './answer.ts';
import { collectAnswer } from './collect.ts';
import { wireNames } from './sampling.ts';
import { StreamEncoder } from './stream-encoder.ts';

interface Delivery {
  response: Response;
  signal: AbortSignal;
  stream: boolean;
  keepAliveMs: number;
  /** Fields of the request that had no effect. */
  reported: readonly string[];
}

/** Sends an answer, whole or as a stream. */
export async function deliver(
  generation: Generation,
  options: AnswerOptions,
  { response, signal, stream, keepAliveMs, reported }: Delivery,
): Promise<void> {
  const unsupported = new Set([...wireNames(generation.unsupported), ...reported]);
  if (unsupported.size > 0) response.set('X-Rkllama-Unsupported', [...unsupported].join(', '));
  if (stream) {
    const encoder = new StreamEncoder(generation, options);
    await streamAnswer(generation, encoder, response, signal, keepAliveMs);
  } else response.json(await collectAnswer(generation, options));
}
