import { describe, expect, it } from 'vitest';
import { PrefixIndex } from '../../../src/engine/prefix/prefix-index.ts';
import { commonLength, compareTokens, type Tokens } from '../../../src/engine/prefix/tokens.ts';
import { randomFrom } from '../../support/random.ts';

const tokens = (...ids: number[]): Tokens => Int32Array.from(ids);

function indexOf(...sequences: Tokens[]) {
  const index = new PrefixIndex<{ ids: Tokens }>();
  for (const ids of sequences) index.add({ ids });
  return index;
}

const found = (index: PrefixIndex<{ ids: Tokens }>, ids: Tokens) =>
  [...index.matches(ids)].map(({ entry, tokens: length }) => [[...entry.ids], length]);

describe('PrefixIndex', () => {
  it('finds what begins alike, the longest common beginning first', () => {
    const index = indexOf(tokens(1, 2, 3), tokens(1, 2, 4, 5), tokens(7), tokens(1, 9));
    expect(found(index, tokens(1, 2, 4, 6))).toEqual([
      [[1, 2, 4, 5], 3],
      [[1, 2, 3], 2],
      [[1, 9], 1],
    ]);
  });

  it('finds beginnings of the sequence, and what goes on from it', () => {
    const index = indexOf(tokens(1), tokens(1, 2, 3, 4));
    expect(found(index, tokens(1, 2))).toEqual([
      [[1, 2, 3, 4], 2],
      [[1], 1],
    ]);
  });

  it('finds nothing where nothing begins alike', () => {
    expect(found(indexOf(tokens(1, 2)), tokens(2, 1))).toEqual([]);
    expect(found(indexOf(), tokens(1))).toEqual([]);
    expect(found(indexOf(tokens(1)), tokens())).toEqual([]);
  });

  it('agrees with a look at every sequence, whatever is added and removed (seeded)', () => {
    const random = randomFrom(7);
    const sequence = () =>
      Int32Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 3));
    for (let round = 0; round < 200; round++) {
      const index = new PrefixIndex<{ ids: Tokens }>();
      const all = new Set<{ ids: Tokens }>();
      for (let step = 0; step < 40; step++) {
        const [some] = [...all].slice(Math.floor(random() * all.size));
        if (some && random() < 0.3) {
          all.delete(some);
          index.remove(some);
        } else {
          const entry = { ids: sequence() };
          all.add(entry);
          index.add(entry);
        }
      }
      expect(index.size).toBe(all.size);
      const wanted = sequence();
      const lengths = [...all].map(({ ids }) => commonLength(ids, wanted)).filter(Boolean);
      const matches = [...index.matches(wanted)];
      expect(matches.map((match) => match.tokens)).toEqual(lengths.sort((a, b) => b - a));
      for (const match of matches) {
        expect(match.tokens).toBe(commonLength(match.entry.ids, wanted));
      }
    }
  });
});

describe('the order of sequences', () => {
  it('puts a beginning before what goes on from it', () => {
    const sorted = [tokens(2), tokens(1, 2), tokens(1), tokens()].sort(compareTokens);
    expect(sorted.map((ids) => [...ids])).toEqual([[], [1], [1, 2], [2]]);
    expect(compareTokens(tokens(3, 4), tokens(3, 4))).toBe(0);
  });
});
