import { describe, expect, it } from 'vitest';
import { RangeSet } from '../../../src/library/pull/ranges.ts';

const set = (...pairs: [number, number][]) =>
  new RangeSet(pairs.map(([start, end]) => ({ start, end })));
const pairs = (ranges: RangeSet) => ranges.toArray().map(({ start, end }) => [start, end]);

describe('a set of byte ranges', () => {
  it.each([
    [
      'keeps what does not touch',
      set([10, 20], [0, 5]),
      [
        [0, 5],
        [10, 20],
      ],
    ],
    ['joins what touches', set([0, 5], [5, 10]), [[0, 10]]],
    ['joins what overlaps', set([0, 6], [5, 10], [8, 9]), [[0, 10]]],
    ['closes a gap', set([0, 5], [10, 20], [4, 12]), [[0, 20]]],
    ['forgets what is empty', set([3, 3]), []],
  ])('%s', (_what, ranges, expected) => {
    expect(pairs(ranges)).toEqual(expected);
  });

  it('tells the first gap, no longer than asked', () => {
    expect(set([0, 5], [8, 10]).firstGap(20, 100)).toEqual({ start: 5, end: 8 });
    expect(set([0, 10]).firstGap(20, 4)).toEqual({ start: 10, end: 14 });
    expect(set([3, 5]).firstGap(20, 100)).toEqual({ start: 0, end: 3 });
    expect(set([0, 20]).firstGap(20, 4)).toBeNull();
  });

  it('counts its bytes and how far it is complete', () => {
    const ranges = set([0, 5], [8, 10]);
    expect(ranges.sizeBytes).toBe(7);
    expect(ranges.contiguousBytes).toBe(5);
    expect(set([1, 5]).contiguousBytes).toBe(0);
    expect(pairs(ranges.below(9))).toEqual([
      [0, 5],
      [8, 9],
    ]);
    expect(pairs(ranges.below(6))).toEqual([[0, 5]]);
  });
});
