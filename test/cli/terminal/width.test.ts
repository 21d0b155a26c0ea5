import { describe, expect, it } from 'vitest';
import { harmless, padEnd, padStart, truncate, widthOf } from '../../../src/cli/terminal/width.ts';

describe('widthOf', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['通义千问', 8],
    ['한국어', 6],
    ['Ü', 1],
    ['U\u0308', 1],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['\u001B[1mbold\u001B[22m', 4],
  ])('of %j is %d columns', (text, columns) => expect(widthOf(text)).toBe(columns));
});

describe('truncate', () => {
  it.each([
    ['qwen', 4, 'qwen'],
    ['qwen3', 4, 'qwe…'],
    ['通义千问', 8, '通义千问'],
    ['通义千问', 7, '通义千…'],
    ['通义千问', 6, '通义…'],
    ['a👩‍👩‍👧b', 3, 'a…'],
    ['a👩‍👩‍👧b', 4, 'a👩‍👩‍👧b'],
    ['abc', 0, ''],
  ])('cuts %j to %d columns as %j', (text, columns, cut) => {
    expect(truncate(text, columns)).toBe(cut);
    expect(widthOf(truncate(text, columns))).toBeLessThanOrEqual(columns);
  });
});

describe('padding', () => {
  it('counts columns, not characters', () => {
    expect(padEnd('千', 4)).toBe('千  ');
    expect(padStart('千', 4)).toBe('  千');
    expect(padEnd('abcde', 4)).toBe('abcde');
  });
});

describe('harmless', () => {
  it.each([
    ['\u001B[31mred\u001B[0m', 'red'],
    ['a\u001B]0;title\u0007b', 'ab'],
    ['a\u0008b', 'a\uFFFDb'],
    ['a\u202Eb', 'a\uFFFDb'],
    ['a\nb', 'a\uFFFDb'],
  ])('makes %j into %j', (text, shown) => expect(harmless(text)).toBe(shown));
});
