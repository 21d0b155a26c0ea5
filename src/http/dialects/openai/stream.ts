import { once } from 'node:events';
import type { Response } from 'express';
import type { Generation } from '../../../engine/index.ts';
import { toApplianceError } from '../../errors.ts';
import { Heartbeat } from '../../heartbeat.ts';
import { logOf } from '../../request-log.ts';
import { type AnswerOptions, withoutResult } from './answer.ts';
import { StreamEncoder } from './stream-encoder.ts';

/**
 * Streams an answer, at the pace at which the client reads it. The status line waits for the
 * first bytes, so an error before them is thrown and gets a status of its own; a later one is
 * an event of the stream, its last.
 */
export async function streamAnswer(
  generation: Generation,
  options: AnswerOptions,
  response: Response,
  signal: AbortSignal,
  keepAliveMs: number,
): Promise<void> {
  const encoder = new StreamEncoder(generation, options);
  const heartbeat = new Heartbeat(keepAliveMs, () => {
    if (!response.writableNeedDrain) write(response, encoder.heartbeat());
  });
  try {
    for await (const batch of generation.events) {
      heartbeat.refresh();
      const bytes = encoder.encode(batch);
      if (bytes !== '' && !write(response, bytes)) await once(response, 'drain', { signal });
    }
    if (!encoder.finished) throw withoutResult();
  } catch (thrown) {
    if (signal.aborted) return;
    if (!response.headersSent) throw thrown;
    write(response, encoder.encodeError(toApplianceError(thrown, logOf(response))));
  } finally {
    heartbeat.stop();
  }
  response.end();
}

function write(response: Response, bytes: string): boolean {
  if (!response.headersSent) {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy that gathers the stream would make one block of it.
      'X-Accel-Buffering': 'no',
    });
  }
  return response.write(bytes);
}
