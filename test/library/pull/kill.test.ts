import { expect, it } from 'vitest';
import { killRepeatedly } from './kill.ts';

it('20 kills -9 leave whole models and resumable partial files, and the pull ends well', async () => {
  const report = await killRepeatedly(20, 20);
  expect(report.kills).toBe(20);
  expect(report.left['partial']).toBeGreaterThan(0);
}, 60_000);

it('so do kills of the whole daemon', async () => {
  const report = await killRepeatedly(6, 7, 'daemon');
  expect(report.kills).toBe(6);
  expect(report.left['partial']).toBeGreaterThan(0);
}, 60_000);
