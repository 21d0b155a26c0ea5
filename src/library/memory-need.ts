import type { Inspection } from './inspection/inspection.ts';

/** Bytes per value of the KV cache: 16-bit floats, as the runtime's published memory figures fit. */
const valueBytes = 2;
/** Keys and values. */
const perLayer = 2;
/** Models of this size share key and value heads between four to eight query heads. */
const headSharing = 4;
/** Buffers of the runtime and the worker itself. */
const overheadBytes = 300 * 2 ** 20;
/** Where the file does not tell its shape: a model of 1.5 billion parameters. */
const fallbackKvBytesPerToken = 32 * 1024;

/**
 * What loading a model will take from the board's memory, in bytes: weights, KV cache, buffers. An
 * estimate to decide whether to try, not a promise.
 */
export function memoryNeed(
  file: { sizeBytes: number; inspection?: Partial<Inspection> },
  contextLength: number,
): number {
  const { blockCount, embeddingLength } = file.inspection ?? {};
  const kvBytesPerToken =
    blockCount && embeddingLength
      ? (perLayer * valueBytes * blockCount * embeddingLength) / headSharing
      : fallbackKvBytesPerToken;
  return file.sizeBytes + kvBytesPerToken * contextLength + overheadBytes;
}
