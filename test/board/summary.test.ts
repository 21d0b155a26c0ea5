import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boardSummary } from '../../src/board/index.ts';
import { rk3576, rk3588 } from './fixtures/boards.ts';
import { fixture, plant, type Tree, without } from './fixtures/tree.ts';

const debugfs = 'sys/kernel/debug';
const summaryOf = async (tree: Tree) => boardSummary(await fixture(tree));

describe('the summary of an RK3588 board', () => {
  it('tells what the machine is', async () => {
    expect(await summaryOf(rk3588)).toMatchObject({
      name: { value: 'Orange Pi 5' },
      kernel: { value: '6.1.84-vendor-rk35xx' },
      os: { value: 'Armbian 25.8 bookworm' },
      npu: { platform: 'RK3588', driver: 'rknpu', driverVersion: { value: '0.9.8' } },
      cores: { value: { online: 8, bigMask: 0xf0 } },
    });
  });

  it('tells the load of each NPU core', async () => {
    const { npu } = await summaryOf(rk3588);
    expect(npu.load).toEqual({ value: { cores: [47, 3, 0], busiest: 47 }, reason: null });
  });

  it('tells the clocks with their governors, fastest first known', async () => {
    const { clocks } = await summaryOf(rk3588);
    expect(clocks.npu.value).toEqual({
      path: '/sys/class/devfreq/fdab0000.npu',
      currentHz: 1e9,
      maxHz: 1e9,
      governor: 'rknpu_ondemand',
    });
    expect(clocks.ddr.value).toMatchObject({ currentHz: 528e6, maxHz: 2112e6 });
    expect(clocks.gpu.value).toMatchObject({ currentHz: 3e8, governor: 'simple_ondemand' });
    expect(clocks.cpus.map(({ cpus, currentHz, maxHz }) => [cpus, currentHz, maxHz])).toEqual([
      [[0, 1, 2, 3], 1_416_000_000, 1_800_000_000],
      [[4, 5], 2_256_000_000, 2_352_000_000],
      [[6, 7], 408_000_000, 2_352_000_000],
    ]);
  });

  it('tells temperatures by name, in degrees', async () => {
    const { temperatures } = await summaryOf(rk3588);
    expect(temperatures.value).toEqual([
      { name: 'soc-thermal', celsius: 46.23 },
      { name: 'bigcore0-thermal', celsius: 47.15 },
      { name: 'npu-thermal', celsius: 45.307 },
    ]);
  });

  it('tells memory and swap, compressed swap apart', async () => {
    const { memory } = await summaryOf(rk3588);
    expect(memory.value).toEqual({
      totalBytes: 16_081_636 * 1024,
      availableBytes: 12_402_112 * 1024,
      swapTotalBytes: 8_040_816 * 1024,
      swapFreeBytes: 8_040_816 * 1024,
      zramBytes: 8_040_816 * 1024,
    });
  });

  it("tells the NPU's device nodes and not the display's", async () => {
    const { npu } = await summaryOf(rk3588);
    expect(npu.devices.map(({ path, kind, usable }) => [path, kind, usable])).toEqual([
      ['/dev/dri/card0', 'drm-primary', true],
      ['/dev/dri/renderD128', 'drm-render', true],
    ]);
  });
});

describe('the summary of an RK3576 board', () => {
  it('finds the NPU behind the other numbers', async () => {
    const { npu } = await summaryOf(rk3576);
    expect(npu).toMatchObject({ platform: 'RK3576', driverVersion: { value: '0.9.7' } });
    expect(npu.load.value?.cores).toEqual([0, 0]);
    expect(npu.devices.map(({ path }) => path)).toEqual(['/dev/dri/card1', '/dev/dri/renderD129']);
  });

  it('tells the big cores apart, which run at nearly the clock of the small', async () => {
    expect((await summaryOf(rk3576)).cores.value).toEqual({ online: 8, bigMask: 0xf0 });
  });

  it('says that its memory clock cannot be seen', async () => {
    expect((await summaryOf(rk3576)).clocks.ddr).toEqual({
      value: null,
      reason: 'this kernel has no /sys/class/devfreq/dmc',
    });
  });
});

describe('what cannot be known', () => {
  it('is told as the reason, and nothing is invented', async () => {
    const summary = await summaryOf({});
    expect(summary).toMatchObject({
      name: { value: null, reason: 'this kernel has no /proc/device-tree/model' },
      npu: { platform: null, driver: null, present: false, devices: [] },
      clocks: { npu: { value: null, reason: 'this kernel has no /sys/class/devfreq/*.npu' } },
    });
  });

  it('per core comes as one figure from devfreq for those who may not read debugfs', async () => {
    const { npu } = await summaryOf(without(rk3588, debugfs));
    expect(npu.load.value).toEqual({ cores: [], busiest: 47 });
  });

  it('of the NPU with a driver that tells no load', async () => {
    const folder = 'sys/class/devfreq/fdab0000.npu';
    const { npu } = await summaryOf(without(rk3588, debugfs, `${folder}/load`));
    expect(npu.load).toEqual({ value: null, reason: `this kernel has no /${folder}/load` });
  });

  it('because it makes no sense is said so', async () => {
    const root = await fixture(rk3588);
    await writeFile(join(root, 'sys/kernel/debug/rknpu/load'), 'NPU load: unknown\n');
    await writeFile(join(root, 'sys/class/devfreq/fdab0000.npu/load'), 'busy\n');
    const { npu } = await boardSummary(root);
    expect(npu.load.reason).toMatch(/fdab0000\.npu\/load says something that is not understood/);
  });

  it('because a thermal zone is switched off leaves that zone out', async () => {
    const root = await fixture(without(rk3588, 'sys/class/thermal/thermal_zone1/temp'));
    const { temperatures } = await boardSummary(root);
    expect(temperatures.value?.map(({ name }) => name)).toEqual(['soc-thermal', 'npu-thermal']);
  });
});

describe('a kernel without DRM for the NPU', () => {
  it('has /dev/rknpu and the heaps', async () => {
    const tree = without(rk3588, 'sys/class/drm/card0/', 'sys/class/drm/renderD128/');
    const root = await fixture({ ...tree, 'dev/rknpu': '', 'dev/dma_heap/system': '' });
    const { npu } = await boardSummary(root);
    expect(npu.devices.map(({ path, kind }) => [path, kind])).toEqual([
      ['/dev/rknpu', 'rknpu'],
      ['/dev/dma_heap/system', 'dma-heap'],
    ]);
  });

  it('has no NPU by the heaps alone, which every kernel has', async () => {
    const root = await fixture(without(rk3588, 'sys/class/drm'));
    await plant(root, { 'dev/dma_heap/system': '' });
    expect((await boardSummary(root)).npu.devices).toEqual([]);
  });
});
