import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/library/inspection/inspect.ts';
import { memorySource } from '../../../src/library/inspection/source.ts';
import { corpus } from './corpus.ts';
import { fuzz, kindOf } from './fuzz.ts';

describe('inspection of 2,000 randomly damaged files', () => {
  it('never throws and never reads more than a small file warrants', async () => {
    const { files, damage, largestRead, mostRead } = await fuzz(2000, 20261121);
    expect(files).toBe(2000);
    expect(damage.size).toBeGreaterThan(8);
    expect(largestRead).toBeLessThanOrEqual(32 * 1024);
    // Every seed file is smaller than 10 KB, and a wound can at most double it four times.
    expect(mostRead).toBeLessThan(512 * 1024);
  });
});

describe('inspection of what fuzzing has found', () => {
  it.each(corpus)('%s', async (expected, base64) => {
    const found = await inspect(memorySource(Buffer.from(base64, 'base64')), 'found.rkllm');
    expect(kindOf(found)).toBe(expected);
  });
});
