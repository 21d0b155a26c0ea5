import { describe, expect, it } from 'vitest';
import { Draft } from '../../../src/engine/guided/draft.ts';

describe('a draft', () => {
  it('gives what is new since the last time, generated tokens with their ids', () => {
    const draft = new Draft();
    draft.write('{"a": "');
    draft.generated(7, 'Pa');
    expect(draft.take()).toEqual([{ text: '{"a": "' }, { text: 'Pa', ids: [7] }]);
    draft.generated(8, 'ris');
    expect(draft.take()).toEqual([{ text: 'ris', ids: [8] }]);
    expect(draft.take()).toEqual([]);
    expect(draft.text).toBe('{"a": "Paris');
  });

  it('keeps the tokens of one character together', () => {
    const draft = new Draft();
    draft.generated(1, '');
    draft.generated(2, '');
    draft.generated(3, '漢');
    expect(draft.take()).toEqual([{ text: '漢', ids: [1, 2, 3] }]);
  });

  it('forgets a character that never became whole', () => {
    const draft = new Draft();
    draft.generated(1, '');
    draft.write('"');
    draft.generated(2, '}');
    expect(draft.take()).toEqual([{ text: '"' }, { text: '}', ids: [2] }]);
    draft.generated(3, '');
    draft.take();
    draft.generated(4, 'x');
    expect(draft.take()).toEqual([{ text: 'x', ids: [4] }]);
  });

  it('takes back whole tokens and parts of one, which then has no id', () => {
    const draft = new Draft();
    draft.generated(1, 'ab');
    draft.generated(2, 'cd');
    draft.generated(3, 'ef');
    draft.takeBack(3);
    expect(draft.text).toBe('abc');
    expect(draft.take()).toEqual([{ text: 'ab', ids: [1] }, { text: 'c' }]);
    draft.generated(4, 'gh');
    draft.takeBack(0);
    expect(draft.take()).toEqual([{ text: 'gh', ids: [4] }]);
  });
});
