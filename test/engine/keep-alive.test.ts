import { describe, expect, it } from 'vitest';
import { parseKeepAlive } from '../../src/engine/index.ts';

describe('parseKeepAlive', () => {
  it.each<[value: string | number, ms: number]>([
    [300, 300_000],
    [0, 0],
    [0.5, 500],
    [-1, Number.POSITIVE_INFINITY],
    [-0.5, Number.POSITIVE_INFINITY],
    ['300', 300_000],
    ['1.5', 1500],
    ['+5', 5000],
    [' 5m ', 300_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1h30m10.5s', 5_410_500],
    ['.5s', 500],
    ['1.s', 1000],
    ['250ms', 250],
    ['1000us', 1],
    ['1000\u00b5s', 1],
    ['1000\u03bcs', 1],
    ['1000000ns', 1],
    ['+5m', 300_000],
    ['0', 0],
    ['0s', 0],
    ['-1', Number.POSITIVE_INFINITY],
    ['-1m', Number.POSITIVE_INFINITY],
    ['-1h30m', Number.POSITIVE_INFINITY],
  ])('takes %j as %d ms', (value, ms) => {
    expect(parseKeepAlive(value)).toBeCloseTo(ms, 6);
  });

  it.each(['', ' ', 'soon', '5 m', '5x', 'm', '5m5', '5mm', '--5m', '1e3', '0x10', Number.NaN])(
    'refuses %j with the forms that it takes',
    (value) => {
      expect(() => parseKeepAlive(value)).toThrow(
        expect.objectContaining({
          code: 'invalid_request',
          message: expect.stringMatching(/keep_alive cannot be .*"5m"/),
        }),
      );
    },
  );

  it('does not repeat a long value in its words', () => {
    expect(() => parseKeepAlive('x'.repeat(10_000))).toThrow(/^.{0,200}$/);
  });
});
