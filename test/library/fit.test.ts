import { describe, expect, it } from 'vitest';
import { compareVersions, problemOf } from '../../src/library/fit.ts';
import { unreadInspection } from '../../src/library/inspection/inspect.ts';

const rk3588 = { platform: 'RK3588', runtimeVersion: '1.2.1' };
const file = (facts: Partial<typeof unreadInspection>) => ({ ...unreadInspection, ...facts });

describe('whether a model fits this board and runtime', () => {
  it.each([
    ['the same chip', { platform: 'RK3588', platformCode: 0 }, rk3588],
    ['nothing known of the file', {}, rk3588],
    [
      'nothing known of the machine',
      { platform: 'RK3576', toolkitVersion: '9.0.0' },
      { platform: null, runtimeVersion: null },
    ],
    ['the same version', { toolkitVersion: '1.2.1' }, rk3588],
    ['an older file', { toolkitVersion: '1.1.4' }, rk3588],
    ['a beta of the same version', { toolkitVersion: '1.2.1b1' }, rk3588],
    [
      'a beta runtime of the same version',
      { toolkitVersion: '1.2.1' },
      { ...rk3588, runtimeVersion: '1.2.1b1' },
    ],
    ['a board of the same family', { platform: 'RK3588' }, { ...rk3588, platform: 'rk3588s' }],
    ['an unknown code on another board', { platformCode: 3 }, { ...rk3588, platform: 'RK3576' }],
  ])('fits: %s', (_, facts, machine) => {
    expect(problemOf(file(facts), machine)).toBeNull();
  });

  it.each([
    ['another chip', { platform: 'RK3576', platformCode: 1 }, /for RK3576, this board is RK3588/],
    ['an unknown other chip', { platformCode: 1 }, /for another chip than RK3588/],
    [
      'a newer file',
      { toolkitVersion: '1.3.0' },
      /1\.3\.0, newer than the installed runtime 1\.2\.1/,
    ],
    ['a newer patch', { toolkitVersion: '1.2.3' }, /Install librkllmrt\.so 1\.2\.3 or later/],
    ['a file of 1.0', { toolkitVersion: '1.0.1' }, /no runtime since 1\.1\.0 loads/],
    ['damage', { damage: 'It is broken.', platform: 'RK3588' }, /^It is broken\.$/],
  ])('does not fit: %s', (_, facts, words) => {
    expect(problemOf(file(facts), rk3588)).toMatch(words);
  });

  it('compares versions by number, not by letter', () => {
    expect(compareVersions('1.10.0', '1.9.9')).toBeGreaterThan(0);
    expect(compareVersions('1.2', '1.2.0')).toBe(0);
  });
});
