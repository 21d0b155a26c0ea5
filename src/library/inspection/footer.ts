import type { ByteSource } from './source.ts';

/** Bytes at the end of the file in which the footer is looked for; it is about 29 bytes long. */
const tailBytes = 128;

/** The toolkit version in plain ASCII at the very end of the file; null where there is none. */
export async function readFooter(source: ByteSource): Promise<string | null> {
  const start = Math.max(0, source.sizeBytes - tailBytes);
  const tail = await source.read(start, source.sizeBytes - start);
  const found = /rkllm-toolkit version: ([0-9A-Za-z.+_-]{1,32})/.exec(
    Buffer.from(tail).toString('latin1'),
  );
  return found?.[1] ?? null;
}
