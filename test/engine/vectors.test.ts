import { describe, expect, it } from 'vitest';
import { normalized, rerankPrompt, yesProbability } from '../../src/engine/vectors.ts';

describe('normalized', () => {
  it.each<[what: string, vector: number[], dimensions: number | undefined, expected: number[]]>([
    ['a vector', [3, 4], undefined, [0.6, 0.8]],
    ['one that is cut', [3, 4, 12], 2, [0.6, 0.8]],
    ['one that is asked for whole', [3, 4], 2, [0.6, 0.8]],
    ['one of length 1', [0, 1, 0], undefined, [0, 1, 0]],
    ['zeros', [0, 0], undefined, [0, 0]],
    ['large numbers', [3e20, 4e20], undefined, [0.6, 0.8]],
  ])('makes %s of length 1, where it has a direction', (_, vector, dimensions, expected) => {
    const result = normalized(Float32Array.from(vector), dimensions);
    expect(result).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expect(result[index]).toBeCloseTo(value, 6);
  });

  it.each([3, 0, -1, 1.5])('refuses %d of two dimensions with the numbers', (dimensions) => {
    expect(() => normalized(Float32Array.from([3, 4]), dimensions)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: `This model's vectors have 2 dimensions, ${dimensions} were asked for.`,
      }),
    );
  });
});

describe('yesProbability', () => {
  it.each<[yes: number, no: number, expected: number]>([
    [0, 0, 0.5],
    [Math.log(3), 0, 0.75],
    [0, Math.log(3), 0.25],
    [500, -500, 1],
    [-500, 500, 0],
  ])('of logits %d and %d is %d', (yes, no, expected) => {
    expect(yesProbability(Float32Array.from([9, no, yes]), 2, 1)).toBeCloseTo(expected, 6);
  });
});

describe('rerankPrompt', () => {
  it('is what Qwen3-Reranker was trained on', () => {
    expect(rerankPrompt('What is NPU?', 'A chip.')).toBe(
      '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query ' +
        'and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n' +
        '<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that ' +
        'answer the query\n<Query>: What is NPU?\n<Document>: A chip.<|im_end|>\n' +
        '<|im_start|>assistant\n<think>\n\n</think>\n\n',
    );
    expect(rerankPrompt('q', 'd', 'Find the same')).toContain('<Instruct>: Find the same\n');
  });
});
