/** A client of /generate that costs little: it counts, and does not parse what it counts. */
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export interface StreamTimes {
  /** From sending the request to the first byte of the body. */
  firstMs: number;
  totalMs: number;
  /** Objects in the stream, the closing one counted. */
  objects: number;
}

/** Streams one answer. `leaveAfterMs`: closes the connection so long after the first byte. */
export function stream(
  url: string,
  prompt: string,
  leaveAfterMs?: number,
): Promise<StreamTimes & { leftAt: number }> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ messages: prompt, stream: true });
    const started = performance.now();
    let firstMs = 0;
    let objects = 0;
    const outgoing = request(
      new URL('/generate', url),
      { method: 'POST', agent, headers: { 'Content-Length': Buffer.byteLength(body) } },
      (response) => {
        const done = (leftAt: number) =>
          resolve({ firstMs, totalMs: performance.now() - started, objects, leftAt });
        response.on('data', (chunk: Buffer) => {
          if (firstMs === 0) {
            firstMs = performance.now() - started;
            if (leaveAfterMs !== undefined) {
              setTimeout(() => {
                const leftAt = Number(process.hrtime.bigint()) / 1e6;
                response.destroy();
                done(leftAt);
              }, leaveAfterMs);
            }
          }
          objects += count(chunk);
        });
        response.on('end', () => done(0));
        response.on('error', (error) => leaveAfterMs === undefined && reject(error));
      },
    );
    outgoing.on('error', (error) => leaveAfterMs === undefined && reject(error));
    outgoing.end(body);
  });
}

/** Every object of the stream ends with two newlines, and its text has none. */
function count(chunk: Buffer): number {
  let newlines = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) newlines += 1;
  return newlines / 2;
}
