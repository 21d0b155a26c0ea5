import { describe, expect, it } from 'vitest';
import { median } from '../../../src/cli/bench/bench.ts';
import { freshPrompt } from '../../../src/cli/bench/prompt.ts';

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[10, 1, 2, 3], 2.5],
    [[7], 7],
    [[null, 4, null], 4],
    [[10, 9, 100], 10],
    [[0.1, 0.2], 0.15],
    [[1 / 3], 0.33],
    [[null], null],
    [[], null],
  ])('of %j is %j', (values, expected) => expect(median(values)).toBe(expected));
});

describe('freshPrompt', () => {
  it('begins differently each time: nothing of it is in a KV cache', () => {
    const prompts = Array.from({ length: 20 }, () => freshPrompt(40));
    expect(new Set(prompts.map((prompt) => prompt.slice(0, 60))).size).toBe(20);
    expect(prompts[0]?.split(/\s+/).length).toBeGreaterThan(40);
  });

  it('has every word equally often, so that its length in tokens can be foretold', () => {
    const counts = Map.groupBy(freshPrompt(60).split('\n\n')[0]?.split(' ') ?? [], (word) => word);
    expect([...counts.values()].map((same) => same.length)).toEqual(Array(20).fill(3));
  });
});
