import { FileChanged, TransientFailure } from './failures.ts';
import type { PartialFile } from './partial-file.ts';
import type { RangeAnswer } from './range-source.ts';

const batchBytes = 1024 * 1024;
const batchMs = 500;
/** Batches that may wait for the disk while the next is read. */
const maxQueued = 3;

interface ReceiveListener {
  /** A batch is about to be written at `position`. */
  onArrived: (chunks: readonly Uint8Array[], position: number) => void;
  onWritten: () => void;
}

/**
 * Writes the body of an answer to the partial file up to `end`, one batch after the other, reading on
 * while a few of them wait. What arrived before a failure is written too.
 * @throws TransientFailure when the body ends before `end`
 */
export async function receive(
  { answer, start }: RangeAnswer,
  end: number,
  partial: PartialFile,
  listener: ReceiveListener,
): Promise<void> {
  const { watch, url } = answer;
  let position = start;
  let batch: Uint8Array[] = [];
  let size = 0;
  let flushedAt = performance.now();
  /** Each begins when the one before it has ended. */
  const queue: Promise<void>[] = [];

  const enqueue = () => {
    if (size === 0) return;
    const chunks = batch;
    const at = position;
    listener.onArrived(chunks, at);
    const previous = queue.at(-1) ?? Promise.resolve();
    const written = previous
      .then(() => partial.write(chunks, at))
      .then(() => {
        release(chunks);
        listener.onWritten();
      });
    // Awaited further down; until then a failure must not count as unhandled.
    written.catch(() => undefined);
    queue.push(written);
    position += size;
    batch = [];
    size = 0;
    flushedAt = performance.now();
  };

  try {
    for await (const chunk of answer.body) {
      if (chunk.byteLength > end - position - size) {
        throw new FileChanged(`${url.host} sent more than it announced`);
      }
      batch.push(chunk);
      size += chunk.byteLength;
      if (size < batchBytes && performance.now() - flushedAt < batchMs) continue;
      enqueue();
      if (queue.length <= maxQueued) continue;
      watch.pause();
      await queue.shift();
      watch.touch();
    }
  } finally {
    enqueue();
    await Promise.all(queue);
  }
  if (position < end) {
    throw new TransientFailure(`${url.host} closed the connection before the end`);
  }
}

/** Frees the memory of chunks at once; left to the garbage collector, it gathers by the megabyte. */
function release(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    // A chunk that is only a part of its buffer may share it with others.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}
