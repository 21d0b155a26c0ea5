import { describe, expect, it } from 'vitest';
import { defaultCpus } from '../../src/rkllm/cpus.ts';

describe('the CPUs of a model', () => {
  it.each([
    [8, 0xf0],
    [12, 0xf0],
    [6, 0x0f],
    [4, 0x0f],
  ])('on a board with %i are the mask %i', (online, mask) => {
    expect(defaultCpus(online)).toEqual({ count: 4, mask });
  });

  it.each([4, 6, 8, 12])('on a board with %i are as many as the mask has bits', (online) => {
    const { count, mask } = defaultCpus(online);
    expect(mask.toString(2).replaceAll('0', '')).toHaveLength(count);
    expect(mask >> online).toBe(0);
  });
});
