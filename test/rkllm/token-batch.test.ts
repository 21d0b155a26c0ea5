import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenBatch } from '../../src/rkllm/token-batch.ts';

describe('a batch of tokens', () => {
  let sent: [texts: string[], ids: number[]][];
  let batch: TokenBatch;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    batch = new TokenBatch((texts, ids) => sent.push([texts, ids]), 2);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends a token that comes alone at once', () => {
    batch.add('a', 1);
    expect(sent).toEqual([[['a'], [1]]]);
  });

  it('sends those that come within the window together, when it ends', () => {
    batch.add('a', 1);
    batch.add('b', 2);
    batch.add('c', 3);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(sent).toEqual([
      [['a'], [1]],
      [
        ['b', 'c'],
        [2, 3],
      ],
    ]);
  });

  it('opens another window after a batch, and none after silence', () => {
    batch.add('a', 1);
    batch.add('b', 2);
    vi.advanceTimersByTime(2);
    batch.add('c', 3);
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(2);
    expect(sent).toHaveLength(3);
    vi.advanceTimersByTime(2);
    expect(vi.getTimerCount()).toBe(0);
    batch.add('d', 4);
    expect(sent.at(-1)).toEqual([['d'], [4]]);
  });

  it('sends what is left at the end, once, and leaves no timer', () => {
    batch.add('a', 1);
    batch.add('b', 2);
    batch.end();
    expect(sent.at(-1)).toEqual([['b'], [2]]);
    expect(vi.getTimerCount()).toBe(0);
    batch.end();
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(2);
  });

  it('keeps order and count whatever the pace', () => {
    for (let id = 0; id < 1000; id++) {
      batch.add(String(id), id);
      vi.advanceTimersByTime(id % 5);
    }
    batch.end();
    const ids = Array.from({ length: 1000 }, (_, id) => id);
    expect(sent.flatMap(([, batchIds]) => batchIds)).toEqual(ids);
    expect(sent.flatMap(([texts]) => texts)).toEqual(ids.map(String));
  });
});
