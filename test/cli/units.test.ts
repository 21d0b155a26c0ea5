import { describe, expect, it } from 'vitest';
import { durationText, relativeTime, sizeText } from '../../src/cli/units.ts';

describe('sizeText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [2_374_563_840, '2.4 GB'],
    [99_400_000, '99.4 MB'],
    [99_960_000, '100 MB'],
    [999_600, '1.0 MB'],
    [5e15, '5000 TB'],
  ])('says of %d bytes: %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

describe('durationText', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [172_800, '2 days'],
    [-3, '0 s'],
  ])('says of %d seconds: %s', (seconds, text) => expect(durationText(seconds)).toBe(text));
});

describe('relativeTime', () => {
  const now = new Date('2026-06-15T12:00:00Z');
  it.each([
    ['2026-06-15T12:00:01Z', 'now'],
    ['2026-06-15T11:59:30Z', '30 s ago'],
    ['2026-06-15T12:30:00Z', 'in 30 min'],
    ['2026-06-14T00:00:00Z', '36 h ago'],
    ['2026-06-12T12:00:00Z', '3 days ago'],
    ['2025-06-15T12:00:00Z', '2025-06-15'],
  ])('says of %s: %s', (date, text) => expect(relativeTime(new Date(date), now)).toBe(text));
});
