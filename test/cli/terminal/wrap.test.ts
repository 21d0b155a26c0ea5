import { describe, expect, it } from 'vitest';
import { wrap } from '../../../src/cli/terminal/wrap.ts';

describe('wrap', () => {
  it.each<[string, string, number, string[]]>([
    ['leaves what fits', 'a b', 3, ['a b']],
    ['breaks between words', 'one two three', 8, ['one two', 'three']],
    [
      'keeps a word whole that is longer than a line',
      'see /a/long/path now',
      6,
      ['see', '/a/long/path', 'now'],
    ],
    ['keeps the lines of a text', 'one\ntwo three', 5, ['one', 'two', 'three']],
    ['counts wide characters twice', '你好 你好', 5, ['你好', '你好']],
    ['has no bound for a file', 'one two three', Number.POSITIVE_INFINITY, ['one two three']],
  ])('%s', (_, text, columns, lines) => expect(wrap(text, columns)).toEqual(lines));
});
