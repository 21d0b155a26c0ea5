import { once } from 'node:events';
import type { Response } from 'express';
import type { Generation, GenerationEvent } from '../engine/index.ts';
import { ApplianceError } from '../errors.ts';
import { toApplianceError } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { logOf } from './request-log.ts';

/** How a dialect writes a stream. */
export interface AnswerEncoder {
  readonly headers: Readonly<Record<string, string>>;
  /** True once the generation's result has been encoded. */
  readonly finished: boolean;
  /** `nowMs`: of a steady clock. */
  encode(batch: readonly GenerationEvent[], nowMs: number): string;
  /** What means nothing to a client, and shows that the stream lives. */
  heartbeat(): string;
  /** The end of an answer that failed on its way. */
  encodeError(error: ApplianceError, nowMs: number): string;
}

/**
 * Streams an answer, at the pace at which the client reads it. The status line waits for the
 * first bytes, so an error before them is thrown and gets a status of its own; a later one is
 * told at the end of the stream.
 */
export async function streamAnswer(
  generation: Generation,
  encoder: AnswerEncoder,
  response: Response,
  signal: AbortSignal,
  keepAliveMs: number,
): Promise<void> {
  const write = (bytes: string) => {
    if (!response.headersSent) response.writeHead(200, encoder.headers);
    return response.write(bytes);
  };
  const heartbeat = new Heartbeat(keepAliveMs, () => {
    if (!response.writableNeedDrain) write(encoder.heartbeat());
  });
  try {
    for await (const batch of generation.events) {
      heartbeat.refresh();
      const bytes = encoder.encode(batch, performance.now());
      if (bytes !== '' && !write(bytes)) await once(response, 'drain', { signal });
    }
    if (!encoder.finished) throw withoutResult();
  } catch (thrown) {
    if (signal.aborted) return;
    if (!response.headersSent) throw thrown;
    write(encoder.encodeError(toApplianceError(thrown, logOf(response)), performance.now()));
  } finally {
    heartbeat.stop();
  }
  response.end();
}

/** The engine promises a result at the end; this is for the day on which it breaks its word. */
export function withoutResult(): ApplianceError {
  return new ApplianceError('runtime_failed', 'The generation ended without a result.');
}
