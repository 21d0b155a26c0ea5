import { describe, expect, it } from 'vitest';
import { baseModelsOfCard } from '../../../src/library/pull/card.ts';

describe('the base models of a model card', () => {
  it.each([
    ['one', '---\nbase_model: Qwen/Qwen3-1.7B\n---\n# Card', ['Qwen/Qwen3-1.7B']],
    ['quoted', '---\nbase_model: "a/b"\ntags: [x]\n---', ['a/b']],
    ['a list', '---\nbase_model:\n- a/b\n  - c/d\nlicense: mit\n---', ['a/b', 'c/d']],
    ['an inline list', '---\r\nbase_model: [a/b, c/d]\r\n---', ['a/b', 'c/d']],
    ['none', '---\nlicense: mit\n---\nbase_model: a/b', []],
    ['no front matter', '# base_model: a/b', []],
    ['nonsense', '---\nbase_model: ../../etc\n---', []],
  ])('%s', (_what, card, expected) => {
    expect(baseModelsOfCard(card)).toEqual(expected);
  });
});
