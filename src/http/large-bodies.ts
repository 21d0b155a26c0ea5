import type { Request, RequestHandler } from 'express';
import { ApplianceError } from '../errors.ts';
import { bodyReader } from './body.ts';

/** Bodies up to this are not counted: how many there are is bounded otherwise. */
const smallBytes = 1024 ** 2;
/** For the larger ones of all clients together, until they are answered. */
const budgetBytes = 128 * 1024 ** 2;
const retryAfterSeconds = 2;

/**
 * Reads bodies that may carry images, as long as there is room for them: a board has little memory,
 * and a few hundred such requests at a time would take all of it.
 */
export function largeBodyReader(limitBytes: number): RequestHandler {
  const read = bodyReader(limitBytes);
  let allBytes = 0;
  return (request, response, next) => {
    let ownBytes = 0;
    /** Takes room for a body of this size; false when there is none. */
    const take = (bytes: number): boolean => {
      const counted = bytes > smallBytes ? Math.min(bytes, limitBytes) : 0;
      const total = allBytes - ownBytes + counted;
      if (counted > ownBytes && total > budgetBytes) return false;
      allBytes = total;
      ownBytes = counted;
      return true;
    };
    if (!take(bytesAhead(request))) throw noRoom();
    response.once('close', () => take(0));
    let isRefused = false;
    read(request, response, (error: unknown) => {
      if (isRefused) return;
      take(Buffer.isBuffer(request.body) ? request.body.length : 0);
      next(error);
    });
    if (!isOfUnknownLength(request)) return;
    let arrivedBytes = 0;
    request.on('data', function count(chunk: Buffer) {
      arrivedBytes += chunk.length;
      if (take(arrivedBytes)) return;
      request.off('data', count);
      isRefused = true;
      // The reader would go on to gather it.
      response.once('finish', () => request.destroy());
      next(noRoom());
    });
  };
}

/** What may come at most, as far as the head tells: 0 where it is counted on its way. */
function bytesAhead(request: Request): number {
  if (request.get('content-encoding') !== undefined) return Number.POSITIVE_INFINITY;
  return Number(request.get('content-length') ?? 0);
}

function isOfUnknownLength(request: Request): boolean {
  return (
    request.get('transfer-encoding') !== undefined && request.get('content-encoding') === undefined
  );
}

function noRoom(): ApplianceError {
  const megabytes = budgetBytes / 1024 ** 2;
  return new ApplianceError(
    'insufficient_memory',
    `Large requests of ${megabytes} MiB in all are under way already. Try again in a moment.`,
    { retryAfterSeconds },
  );
}
