import { once } from 'node:events';
import type { Response } from 'express';
import type { Generation } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';
import { toApplianceError } from '../../errors.ts';
import { Heartbeat } from '../../heartbeat.ts';
import { logOf } from '../../request-log.ts';
import { unixSeconds } from './answer.ts';
import { StreamEncoder } from './stream-encoder.ts';

/**
 * Streams an answer, at the pace at which the client reads it. The status line waits for the
 * first bytes, so an error before them is thrown and gets a status of its own; a later one is
 * told in the last object.
 */
export async function streamAnswer(
  generation: Generation,
  response: Response,
  signal: AbortSignal,
  keepAliveMs: number,
): Promise<void> {
  const encoder = new StreamEncoder(unixSeconds());
  // Clients of this API split into lines and skip blank ones: a newline is a safe sign of life.
  const heartbeat = new Heartbeat(keepAliveMs, () => {
    if (!response.writableNeedDrain) write(response, '\n');
  });
  try {
    for await (const batch of generation.events) {
      heartbeat.refresh();
      const bytes = encoder.encode(batch, performance.now());
      if (bytes !== '' && !write(response, bytes)) await once(response, 'drain', { signal });
    }
    if (!encoder.finished) {
      throw new ApplianceError('runtime_failed', 'The generation ended without a result.');
    }
  } catch (thrown) {
    if (signal.aborted) return;
    if (!response.headersSent) throw thrown;
    const { message } = toApplianceError(thrown, logOf(response));
    write(response, encoder.encodeError(message, performance.now()));
  } finally {
    heartbeat.stop();
  }
  response.end();
}

function write(response: Response, bytes: string): boolean {
  if (!response.headersSent) {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  }
  return response.write(bytes);
}
