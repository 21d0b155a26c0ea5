import type { Inspection } from './inspection/inspection.ts';

/**
 * Bytes per value of the KV cache, taken for 16-bit floats. Rockchip does not say; its published
 * memory figures, after prompts of 128 tokens, are too short to tell.
 */
const valueBytes = 2;
/** Keys and values. */
const perLayer = 2;
/** Buffers of the runtime and the worker itself. */
const overheadBytes = 300 * 2 ** 20;
/** Where the file does not tell its shape: Qwen3 1.7B, wider than most that fit a board. */
const unknownShape = { layers: 28, width: 1024 };

/**
 * How wide keys and values are in families whose files do not tell their heads, by the shapes that
 * their makers publish (`config.json`). The widest of a family counts: a process that the
 * kernel kills is worse than an idle model that makes room.
 */
const widths: Record<string, (embeddingLength: number) => number> = {
  // Eight heads of 128 from 0.6B to 32B, whatever the width of the model.
  qwen3: () => 1024,
  // An eighth to a sixth, from 0.5B to 7B.
  qwen2: (length) => length / 6,
  // Every query head has its own.
  phi3: (length) => length,
};
/** Gemma 2 and 3, Llama 3.2, InternLM2: a fifth to a half. */
const otherWidth = (length: number) => length / 2;

type Told = Partial<
  Pick<Inspection, 'architecture' | 'blockCount' | 'embeddingLength' | 'kvWidth'>
>;

/**
 * What loading a model will take from the board's memory, in bytes: weights, KV cache, buffers. An
 * estimate to decide whether to try, not a promise.
 */
export function memoryNeed(
  file: { sizeBytes: number; inspection?: Told },
  contextLength: number,
): number {
  const { layers, width } = shapeOf(file.inspection ?? {});
  const kvBytesPerToken = perLayer * valueBytes * layers * width;
  return Math.ceil(file.sizeBytes + kvBytesPerToken * contextLength + overheadBytes);
}

function shapeOf({ architecture, blockCount, embeddingLength, kvWidth }: Told) {
  const widthOf = widths[architecture ?? ''] ?? otherWidth;
  const width = kvWidth ?? (embeddingLength && widthOf(embeddingLength));
  return blockCount && width ? { layers: blockCount, width } : unknownShape;
}
