import { describe, expect, it } from 'vitest';
import { RunCosts } from '../../../src/engine/guided/costs.ts';

const finished = (prefill: [number, number], decode: [number, number]) => ({
  type: 'finished' as const,
  ending: 'end' as const,
  tokens: decode[0],
  kvEntries: null,
  counters: {
    prefillTokens: prefill[0],
    prefillMs: prefill[1],
    decodeTokens: decode[0],
    decodeMs: decode[1],
    memoryMb: null,
  },
});

describe('what runs cost', () => {
  it('is assumed before the first measurement, and known after it', () => {
    const costs = new RunCosts();
    expect([costs.prefillMs, costs.decodeMs, costs.continuationMs]).toEqual([4.5, 80, 130]);
    costs.learnRun(finished([100, 200], [10, 500]));
    expect([costs.prefillMs, costs.decodeMs]).toEqual([2, 50]);
    costs.learnContinuation(170, finished([10, 30], [5, 250]));
    expect(costs.continuationMs).toBe(150);
  });

  it('moves with later measurements, slowly', () => {
    const costs = new RunCosts();
    costs.learnRun(finished([100, 400], [10, 1000]));
    costs.learnRun(finished([100, 800], [10, 2000]));
    expect([costs.prefillMs, costs.decodeMs]).toEqual([5, 125]);
  });

  it('is not told by a few tokens, nor by a runtime without counters', () => {
    const costs = new RunCosts();
    costs.learnRun(finished([2, 100], [1, 300]));
    costs.learnRun({ ...finished([100, 1], [100, 1]), counters: null });
    costs.learnContinuation(9999, { ...finished([0, 0], [0, 0]), counters: null });
    expect([costs.prefillMs, costs.decodeMs, costs.continuationMs]).toEqual([4.5, 80, 130]);
  });

  it.each([
    // Tokens that are certain, tokens that the continuation prefills: 130 + 4.5 p against 80 (c + 1).
    [1, 1, true],
    [0, 0, false],
    [4, 50, true],
    [4, 60, false],
    [40, 900, false],
  ])(
    '%i certain tokens, with %i to prefill, are worth a continuation: %s',
    (certain, prefill, pays) => {
      expect(new RunCosts().continuationPays(certain, prefill)).toBe(pays);
    },
  );

  it('decides anew on a faster model', () => {
    const costs = new RunCosts();
    costs.learnRun(finished([0, 0], [100, 1000]));
    expect(costs.continuationPays(5, 5)).toBe(false);
    expect(costs.continuationPays(30, 30)).toBe(true);
  });
});
