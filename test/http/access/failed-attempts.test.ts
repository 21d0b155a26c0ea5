import { describe, expect, it } from 'vitest';
import { FailedAttempts } from '../../../src/http/access/failed-attempts.ts';

describe('wrong keys of one client', () => {
  it('are answered at once and logged at first, then slowly and quietly, and anew after a minute', () => {
    let now = 0;
    const failed = new FailedAttempts(() => now);
    const notes = Array.from({ length: 12 }, () => failed.note('10.0.0.5'));
    expect(
      notes.slice(0, 10).every(({ waitMs, worthLogging }) => waitMs === 0 && worthLogging),
    ).toBe(true);
    expect(notes.slice(10).every(({ waitMs, worthLogging }) => waitMs > 0 && !worthLogging)).toBe(
      true,
    );
    now = 60_000;
    expect(failed.note('10.0.0.5')).toEqual({ count: 1, waitMs: 0, worthLogging: true });
  });

  it('are not those of another', () => {
    const failed = new FailedAttempts();
    for (let index = 0; index < 20; index++) failed.note('10.0.0.5');
    expect(failed.note('10.0.0.6').count).toBe(1);
  });

  it('are forgotten when very many others come, the oldest first', () => {
    const failed = new FailedAttempts(() => 0);
    failed.note('10.0.0.5');
    failed.note('10.0.0.6');
    failed.note('10.0.0.5');
    for (let index = 0; index < 999; index++) failed.note(`attacker ${index}`);
    expect(failed.note('10.0.0.5').count).toBe(3);
    expect(failed.note('10.0.0.6').count).toBe(1);
  });
});
