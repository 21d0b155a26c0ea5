import { FileChanged, TransientFailure } from './failures.ts';
import { networkFailure } from './hub-client.ts';
import type { PartialFile } from './partial-file.ts';
import type { RangeAnswer } from './range-source.ts';

const batchBytes = 1024 * 1024;
const batchMs = 500;

/**
 * Writes the body of an answer to the partial file up to `end`: one batch is written while the next
 * is read. What arrived before a failure is written too.
 * @returns the offset after the last byte written
 * @throws TransientFailure when the body ends before `end`
 */
export async function receive(
  { answer, start }: RangeAnswer,
  end: number,
  partial: PartialFile,
  onWritten: () => void,
): Promise<number> {
  const { watch, response, url } = answer;
  let position = start;
  let batch: Uint8Array[] = [];
  let size = 0;
  let flushedAt = performance.now();
  let writing: Promise<void> = Promise.resolve();

  const flush = async () => {
    await writing;
    if (size === 0) return;
    const chunks = batch;
    const at = position;
    position += size;
    batch = [];
    size = 0;
    flushedAt = performance.now();
    writing = partial.write(chunks, at).then(onWritten);
    // Awaited by the next flush; until then a failure must not count as unhandled.
    writing.catch(() => undefined);
  };

  let failure: unknown = null;
  try {
    for await (const chunk of response.body ?? []) {
      watch.touch();
      const room = end - position - size;
      if (chunk.byteLength > room) throw new FileChanged(`${url.host} sent more than it announced`);
      batch.push(chunk);
      size += chunk.byteLength;
      if (size < batchBytes && performance.now() - flushedAt < batchMs) continue;
      watch.pause();
      await flush();
      watch.touch();
    }
  } catch (error) {
    failure = error;
  }
  await flush();
  await writing;
  if (failure !== null) {
    watch.signal.throwIfAborted();
    throw isTransport(failure) ? networkFailure(url.host, failure) : failure;
  }
  if (position < end) {
    throw new TransientFailure(`${url.host} closed the connection before the end`);
  }
  return position;
}

/** Undici tells of broken bodies with a TypeError ("terminated"); the file system has a `syscall`. */
function isTransport(failure: unknown): boolean {
  return (
    failure instanceof TypeError ||
    (failure instanceof Error && !('syscall' in failure) && failure.name !== 'FileChanged')
  );
}
