import { expect, it } from 'vitest';
import { killRepeatedly } from './kill.ts';

it('20 kills -9 leave no file that is not what its record says, and no answer but the right one', async () => {
  const report = await killRepeatedly(20, 20);
  expect(report.kills).toBeGreaterThanOrEqual(20);
  expect(report.whole).toBeGreaterThan(0);
  expect(report.torn).toBeGreaterThan(0);
  expect(report.tokensFromFiles).toBeGreaterThan(0);
}, 180_000);
