import { FileChanged, TransientFailure } from './failures.ts';
import type { PartialFile } from './partial-file.ts';
import type { RangeAnswer } from './range-source.ts';

const batchBytes = 1024 * 1024;
const batchMs = 500;

interface ReceiveListener {
  /** A batch is about to be written at `position`. */
  onArrived: (chunks: readonly Uint8Array[], position: number) => void;
  onWritten: () => void;
}

/**
 * Writes the body of an answer to the partial file up to `end`: one batch is written while the next
 * is read. What arrived before a failure is written too.
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
  let writing: Promise<void> = Promise.resolve();

  const flush = async () => {
    await writing;
    if (size === 0) return;
    const chunks = batch;
    listener.onArrived(chunks, position);
    writing = partial.write(chunks, position).then(() => {
      release(chunks);
      listener.onWritten();
    });
    // Awaited by the next flush; until then a failure must not count as unhandled.
    writing.catch(() => undefined);
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
      watch.pause();
      await flush();
      watch.touch();
    }
  } finally {
    await flush();
    await writing;
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
