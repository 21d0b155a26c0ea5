import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNpu } from '../../src/board/index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rkllamad-board-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Writes files of a board under the root; a path that ends with `/` is a folder. */
async function tree(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path);
    await mkdir(path.endsWith('/') ? full : dirname(full), { recursive: true });
    if (!path.endsWith('/')) await writeFile(full, content);
  }
}

const compatible = 'proc/device-tree/compatible';
const version = 'sys/module/rknpu/version';
const driver = 'sys/bus/platform/drivers/RKNPU/';

describe('readNpu', () => {
  it.each([
    ['Orange Pi 5', 'rockchip,rk3588s-orangepi-5\0rockchip,rk3588\0', 'RK3588'],
    ['Rock 5A', 'radxa,rock-5a\0rockchip,rk3588s\0', 'RK3588'],
    ['Rock 5C Lite', 'radxa,rock-5c\0rockchip,rk3582\0', 'RK3588'],
    ['ArmSoM Sige5', 'armsom,sige5\0rockchip,rk3576\0', 'RK3576'],
    ['RK3562 EVB', 'rockchip,rk3562-evb2\0rockchip,rk3562\0', 'RK3562'],
    ['RV1126B EVB', 'rockchip,rv1126b-evb1\0rockchip,rv1126b\0', 'RV1126B'],
  ])('knows the SoC of a %s', async (_, names, platform) => {
    await tree({ [compatible]: names, [version]: '0.9.8\n', [driver]: '' });
    expect(await readNpu(root)).toEqual({ platform, driverVersion: '0.9.8', present: true });
  });

  it('sees a driver that is built into the kernel and tells no version', async () => {
    await tree({ [compatible]: 'rockchip,rk3588\0', [driver]: '' });
    expect(await readNpu(root)).toEqual({
      platform: 'RK3588',
      driverVersion: null,
      present: true,
    });
  });

  it('sees a board whose kernel has no NPU driver', async () => {
    await tree({ [compatible]: 'radxa,rock-5b\0rockchip,rk3588\0' });
    expect(await readNpu(root)).toEqual({
      platform: 'RK3588',
      driverVersion: null,
      present: false,
    });
  });

  it.each([
    ['a Raspberry Pi', 'raspberrypi,5-model-b\0brcm,bcm2712\0'],
    ['a Rockchip board without an NPU for language models', 'pine64,quartz64-a\0rockchip,rk3566\0'],
    ['a board whose name merely contains one', 'someone,my-rockchip,rk3588-clone\0'],
  ])('takes %s for none, driver or not', async (_, names) => {
    await tree({ [compatible]: names, [version]: '0.9.8\n', [driver]: '' });
    expect(await readNpu(root)).toEqual({
      platform: null,
      driverVersion: '0.9.8',
      present: false,
    });
  });

  it('finds nothing on a machine that has neither', async () => {
    expect(await readNpu(root)).toEqual({ platform: null, driverVersion: null, present: false });
  });
});
