import type { TemplateText } from './inspection.ts';

/**
 * The public part of the 256-byte mask that every string of a `.rkllm` file is XORed with, beginning anew
 * at each string (third-party analyses of several files agree).
 */
const mask = Buffer.from('9da9e670cce76f6662774b69b88b45a1a6fb80a77a92d6f3e80044f8da42e34e', 'hex');

/** Longest string, in bytes, that can be read whole. Every key is shorter. */
export const readableBytes = mask.length;

/** `GGUF`, masked. */
export const magic = Buffer.from('daeeb336', 'hex');

/** Reads a masked string of `lengthBytes` bytes, of which `bytes` holds at least the readable beginning. */
export function unmask(bytes: Uint8Array, lengthBytes: number): TemplateText {
  const readable = bytes.subarray(0, Math.min(lengthBytes, readableBytes));
  const plain = readable.map((byte, index) => byte ^ (mask[index] ?? 0));
  const complete = lengthBytes <= readableBytes;
  // A cut in the middle of a character leaves its first bytes behind: `stream` holds them back.
  return { text: new TextDecoder().decode(plain, { stream: !complete }), complete };
}
