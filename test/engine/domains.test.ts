import { describe, expect, it } from 'vitest';
import { Domains } from '../../src/engine/domains.ts';

const gib = 2 ** 30;

describe('Domains', () => {
  it('gives each model a domain of its own, and none the one that belongs to RKNN', () => {
    const domains = new Domains();
    const taken = Array.from({ length: 15 }, () => domains.take(gib));
    expect(new Set(taken).size).toBe(15);
    expect(taken).not.toContain(0);
    expect(Math.max(...taken)).toBeLessThanOrEqual(15);
  });

  it.each([
    ['1 byte', 1, 2],
    ['4 GiB', 4 * gib, 2],
    ['a little more than 4 GiB', 4 * gib + 1, 3],
    ['9 GiB', 9 * gib, 4],
  ])('leaves room behind a model of %s', (_, sizeBytes, next) => {
    const domains = new Domains();
    expect(domains.take(sizeBytes)).toBe(1);
    expect(domains.take(gib)).toBe(next);
  });

  it('finds the first gap that is wide enough', () => {
    const domains = new Domains();
    const [first, second] = [domains.take(gib), domains.take(gib)];
    domains.take(gib);
    domains.free(first, gib);
    expect(domains.take(5 * gib)).toBe(4);
    domains.free(second, gib);
    expect(domains.take(5 * gib)).toBe(first);
  });

  it('says what to do when all are taken, and has room again when one is freed', () => {
    const domains = new Domains();
    const big = domains.take(60 * gib);
    expect(() => domains.take(1)).toThrow(
      expect.objectContaining({ code: 'load_failed', message: expect.stringMatching(/Unload/) }),
    );
    domains.free(big, 60 * gib);
    expect(domains.take(1)).toBe(1);
  });

  it('refuses a model that is larger than all domains together', () => {
    expect(() => new Domains().take(61 * gib)).toThrow(
      expect.objectContaining({ code: 'load_failed' }),
    );
  });
});
