import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const chunkBytes = 256 * 1024;

/** Of every moment spent reading and hashing, three are left to others. */
const restRatio = 3;

/**
 * SHA-256 of a file in hex, computed slowly: in small chunks with rests between them, so that neither the
 * event loop nor the disk is kept from real work. Throws the signal's reason or the file system's error.
 */
export async function digestFile(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path);
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let workMs = 0;
    for (;;) {
      signal.throwIfAborted();
      const startMs = performance.now();
      const { bytesRead } = await file.read(chunk, 0, chunkBytes);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
      workMs += performance.now() - startMs;
      if (workMs >= 10) {
        await pause(workMs * restRatio, undefined, { signal, ref: false });
        workMs = 0;
      }
    }
  } finally {
    await file.close();
  }
}
