import { describe, expect, it } from 'vitest';
import { memoryNeed } from '../../src/library/memory-need.ts';

const overhead = 300 * 2 ** 20;
const kib = 1024;
const kvOf = (inspection: object, contextLength = 1) =>
  memoryNeed({ sizeBytes: 1e9, inspection }, contextLength) - 1e9 - overhead;

describe('memoryNeed', () => {
  it('is the file, the KV cache of its shape and the buffers', () => {
    const inspection = { blockCount: 28, embeddingLength: 2048, kvWidth: 1024 };
    const need = memoryNeed({ sizeBytes: 2_000_000_000, inspection }, 4096);
    expect(need).toBe(2_000_000_000 + 112 * kib * 4096 + overhead);
  });

  it('grows with the context', () => {
    const inspection = { blockCount: 28, embeddingLength: 2048, kvWidth: 256 };
    expect(kvOf(inspection, 2048) - kvOf(inspection, 1024)).toBe(28 * kib * 1024);
  });

  // Layers, width of the model, and what a token really takes by its published heads.
  it.each([
    ['Qwen2.5 0.5B', 'qwen2', 24, 896, 12],
    ['Qwen2.5 1.5B', 'qwen2', 28, 1536, 28],
    ['Qwen2.5 3B', 'qwen2', 36, 2048, 36],
    ['Qwen2.5 7B', 'qwen2', 28, 3584, 56],
    ['Qwen3 0.6B', 'qwen3', 28, 1024, 112],
    ['Qwen3 1.7B', 'qwen3', 28, 2048, 112],
    ['Qwen3 4B', 'qwen3', 36, 2560, 144],
    ['Llama 3.2 1B', 'llama', 16, 2048, 32],
    ['Llama 3.2 3B', 'llama', 28, 3072, 112],
    ['Gemma 2 2B', 'gemma2', 26, 2304, 104],
    ['Gemma 3 1B', 'gemma3', 26, 1152, 26],
    ['Phi 3 3.8B', 'phi3', 32, 3072, 384],
    ['InternLM2 1.8B', 'internlm2', 24, 2048, 96],
  ])(
    'is not too low for %s, and not by much too high, when its file tells no heads',
    (_, architecture, blockCount, embeddingLength, kibPerToken) => {
      const guess = kvOf({ architecture, blockCount, embeddingLength, kvWidth: null }) / kib;
      expect(guess).toBeGreaterThanOrEqual(kibPerToken);
      expect(guess).toBeLessThanOrEqual(2.5 * kibPerToken);
    },
  );

  it.each([
    ['no shape', {}],
    ['half a shape', { blockCount: 28, embeddingLength: null, kvWidth: null }],
    ['the other half', { blockCount: null, embeddingLength: 2048, kvWidth: 256 }],
  ])('takes a file that tells %s for a Qwen3 1.7B', (_, inspection) => {
    expect(kvOf(inspection, 1024)).toBe(112 * kib * 1024);
    expect(memoryNeed({ sizeBytes: 1e9 }, 1024)).toBe(1e9 + 112 * kib * 1024 + overhead);
  });
});
