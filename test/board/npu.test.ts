import { describe, expect, it } from 'vitest';
import { readNpu } from '../../src/board/index.ts';
import { fixture } from './fixtures/tree.ts';

const compatible = 'proc/device-tree/compatible';
const version = 'sys/module/rknpu/version';
const driver = 'sys/bus/platform/drivers/RKNPU/';
const debugfs = 'sys/kernel/debug/rknpu/version';

describe('readNpu', () => {
  it.each([
    ['Orange Pi 5', 'rockchip,rk3588s-orangepi-5\0rockchip,rk3588\0', 'RK3588'],
    ['Rock 5A', 'radxa,rock-5a\0rockchip,rk3588s\0', 'RK3588'],
    ['Rock 5C Lite', 'radxa,rock-5c\0rockchip,rk3582\0', 'RK3588'],
    ['ArmSoM Sige5', 'armsom,sige5\0rockchip,rk3576\0', 'RK3576'],
    ['RK3562 EVB', 'rockchip,rk3562-evb2\0rockchip,rk3562\0', 'RK3562'],
    ['RV1126B EVB', 'rockchip,rv1126b-evb1\0rockchip,rv1126b\0', 'RV1126B'],
  ])('knows the SoC of a %s', async (_, names, platform) => {
    const root = await fixture({ [compatible]: names, [version]: '0.9.8\n', [driver]: '' });
    expect(await readNpu(root)).toEqual({
      platform,
      driver: 'rknpu',
      driverVersion: { value: '0.9.8', reason: null },
      present: true,
    });
  });

  it('sees a driver that is built into the kernel and tells no version to this user', async () => {
    const root = await fixture({ [compatible]: 'rockchip,rk3588\0', [driver]: '' });
    expect(await readNpu(root)).toEqual({
      platform: 'RK3588',
      driver: 'rknpu',
      driverVersion: { value: null, reason: `this kernel has no /${debugfs}` },
      present: true,
    });
  });

  it('reads the version from debugfs where it may', async () => {
    const root = await fixture({
      [compatible]: 'rockchip,rk3588\0',
      [driver]: '',
      [debugfs]: 'RKNPU driver: v0.9.6\n',
    });
    expect((await readNpu(root)).driverVersion.value).toBe('0.9.6');
  });

  it("tells mainline Linux's driver from Rockchip's", async () => {
    const root = await fixture({
      [compatible]: 'radxa,rock-5b\0rockchip,rk3588\0',
      'sys/bus/platform/drivers/rocket/': '',
    });
    expect(await readNpu(root)).toEqual({
      platform: 'RK3588',
      driver: 'rocket',
      driverVersion: { value: null, reason: 'the rknpu driver is not loaded' },
      present: false,
    });
  });

  it('sees a board whose kernel has no NPU driver', async () => {
    const root = await fixture({ [compatible]: 'radxa,rock-5b\0rockchip,rk3588\0' });
    expect(await readNpu(root)).toMatchObject({
      platform: 'RK3588',
      driver: null,
      present: false,
    });
  });

  it.each([
    ['a Raspberry Pi', 'raspberrypi,5-model-b\0brcm,bcm2712\0'],
    ['a Rockchip board without an NPU for language models', 'pine64,quartz64-a\0rockchip,rk3566\0'],
    ['a board whose name merely contains one', 'someone,my-rockchip,rk3588-clone\0'],
  ])('takes %s for none, driver or not', async (_, names) => {
    const root = await fixture({ [compatible]: names, [version]: '0.9.8\n', [driver]: '' });
    expect(await readNpu(root)).toMatchObject({ platform: null, driver: 'rknpu', present: false });
  });

  it('finds nothing on a machine that has neither', async () => {
    expect(await readNpu(await fixture({}))).toMatchObject({
      platform: null,
      driver: null,
      present: false,
    });
  });
});
