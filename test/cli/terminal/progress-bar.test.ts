import { describe, expect, it } from 'vitest';
import { barLine, type Progress } from '../../../src/cli/terminal/progress-bar.ts';
import { widthOf } from '../../../src/cli/terminal/width.ts';

const progress: Progress = {
  label: 'Qwen3-1.7B_w8a8_rk3588.rkllm',
  received: 1_187_281_920,
  size: 2_374_563_840,
  bytesPerSecond: 11_000_000,
  secondsLeft: 108,
};

describe('barLine', () => {
  it('tells share, bytes, rate and time left', () => {
    const line = barLine(progress, 119);
    expect(line).toContain('Qwen3-1.7B_w8a8_rk3588.rkllm ▕');
    expect(line).toMatch(/▏ +50 % {2}1\.2 GB of 2\.4 GB/);
    expect(line).toContain('11.0 MB/s');
    expect(line).toContain('1 min 48 s left');
  });

  it('has a bar at 80 columns, whatever the name', () => {
    expect(barLine(progress, 79)).toMatch(/^Qwen3-1\.7…? ▕█+ *▏ +50 % .* left$/);
    expect(barLine({ ...progress, label: 'a.rkllm' }, 79)).toMatch(/^a\.rkllm ▕█+/);
  });

  it('prefers the name to the bar where there is no room for both', () => {
    expect(barLine(progress, 39)).toMatch(/^Qwen3-1.* 50 %/);
  });

  it('fits into every terminal', () => {
    for (let columns = 20; columns < 200; columns += 1) {
      expect(widthOf(barLine(progress, columns))).toBeLessThanOrEqual(columns);
    }
  });

  it('fills as it goes', () => {
    const filled = (received: number) =>
      barLine({ ...progress, received }, 119).split('█').length - 1;
    expect(filled(0)).toBe(0);
    expect(filled(progress.size)).toBeGreaterThan(2 * filled(progress.size / 2) - 2);
    expect(filled(progress.size / 2)).toBeGreaterThan(filled(progress.size / 4));
  });

  it('promises nothing that is not known', () => {
    const line = barLine({ ...progress, size: 0, bytesPerSecond: 0, secondsLeft: null }, 119);
    expect(line).toContain('of ?');
    expect(line).not.toContain('left');
    expect(line).not.toContain('/s');
  });
});
