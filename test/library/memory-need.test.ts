import { describe, expect, it } from 'vitest';
import { memoryNeed } from '../../src/library/memory-need.ts';

const overhead = 300 * 2 ** 20;

describe('memoryNeed', () => {
  it('is the file, the KV cache of its shape and the buffers', () => {
    const inspection = { blockCount: 28, embeddingLength: 2048 };
    const need = memoryNeed({ sizeBytes: 2_000_000_000, inspection }, 4096);
    // Keys and values of 16 bits, a quarter of the width: 56 KiB per token.
    expect(need).toBe(2_000_000_000 + 28 * 2048 * 4096 + overhead);
  });

  it('grows with the context', () => {
    const file = { sizeBytes: 1e9, inspection: { blockCount: 28, embeddingLength: 2048 } };
    const [short, long] = [memoryNeed(file, 1024), memoryNeed(file, 2048)];
    expect(long - short).toBe(28 * 2048 * 1024);
  });

  it.each([
    ['no shape', {}],
    ['half a shape', { blockCount: 28, embeddingLength: null }],
  ])('takes a model of middle size for a file that tells %s', (_, inspection) => {
    expect(memoryNeed({ sizeBytes: 1e9, inspection }, 1024)).toBe(1e9 + 2 ** 25 + overhead);
    expect(memoryNeed({ sizeBytes: 1e9 }, 1024)).toBe(1e9 + 2 ** 25 + overhead);
  });
});
