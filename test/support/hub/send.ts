import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredFile } from './content.ts';
import type { Fault } from './faults.ts';

const tickMs = 20;

/** Sends a file with `Range`, `If-Range` and `HEAD` as a CDN does. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
  etag: string,
  fault: Fault | undefined,
): Promise<void> {
  const range = fault?.ignoreRange ? null : rangeOf(request, file.sizeBytes, fault?.etag ?? etag);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${file.sizeBytes}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.sizeBytes };
  response.writeHead(range ? 206 : 200, {
    'content-type': 'binary/octet-stream',
    'content-length': end - start,
    etag: fault?.etag ?? etag,
    ...(fault?.ignoreRange ? {} : { 'accept-ranges': 'bytes' }),
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBody(response, file.slices(start, end), fault);
}

async function sendBody(
  response: ServerResponse,
  slices: Iterable<Uint8Array>,
  fault: Fault | undefined,
): Promise<void> {
  const limit = fault?.cutAfterBytes ?? fault?.stallAfterBytes ?? Number.POSITIVE_INFINITY;
  const drip = fault?.bytesPerSecond === undefined ? null : new Drip(fault.bytesPerSecond);
  let sent = 0;
  for (const slice of slices) {
    if (response.destroyed) return;
    let bytes = slice.subarray(0, Math.min(slice.byteLength, limit - sent));
    if (fault?.corrupt && sent === 0) {
      bytes = Buffer.from(bytes);
      bytes[bytes.byteLength - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
    }
    if (drip) await drip.write(response, bytes);
    else await write(response, bytes);
    sent += bytes.byteLength;
    if (sent >= limit) break;
  }
  if (fault?.cutAfterBytes !== undefined) response.destroy();
  else if (fault?.stallAfterBytes === undefined) response.end();
}

/** Resolves when the bytes have left, so that a cut comes after them; also when the client left. */
async function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done);
    response.write(bytes, done);
  });
}

/** Writes at a steady rate, counted from the first byte of the body. */
class Drip {
  readonly #startedMs = performance.now();
  readonly #bytesPerMs: number;
  #sentBytes = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  async write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
    const step = Math.max(1, Math.round(this.#bytesPerMs * tickMs));
    for (let at = 0; at < bytes.byteLength && !response.destroyed; at += step) {
      const part = bytes.subarray(at, at + step);
      await write(response, part);
      this.#sentBytes += part.byteLength;
      const aheadMs = this.#startedMs + this.#sentBytes / this.#bytesPerMs - performance.now();
      if (aheadMs >= 1) await sleep(aheadMs);
    }
  }
}

function rangeOf(request: IncomingMessage, sizeBytes: number, etag: string) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return null;
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return null;
  const start = Number(from);
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: to ? Math.min(sizeBytes, Number(to) + 1) : sizeBytes };
}
