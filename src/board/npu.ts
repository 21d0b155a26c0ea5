/** What board this is, read from files that every user may read. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names as librkllmrt writes them. */
const platforms = {
  'rockchip,rk3588': 'RK3588',
  'rockchip,rk3588s': 'RK3588',
  'rockchip,rk3582': 'RK3588',
  'rockchip,rk3576': 'RK3576',
  'rockchip,rk3562': 'RK3562',
  'rockchip,rv1126b': 'RV1126B',
} as const;

export interface Npu {
  /** The SoC, null on a machine that is none of Rockchip's with an NPU for language models. */
  platform: string | null;
  /** Version of the rknpu driver; null when it is not loaded or tells none. */
  driverVersion: string | null;
  /** True when the driver is there. */
  present: boolean;
}

/** `root` is where `/proc` and `/sys` are; a folder of fixtures in tests. */
export async function readNpu(root = '/'): Promise<Npu> {
  const compatible = await readText(join(root, 'proc/device-tree/compatible'));
  const names = (compatible ?? '').split('\0');
  const platform = Object.entries(platforms).find(([name]) => names.includes(name))?.[1] ?? null;
  const driverVersion = (await readText(join(root, 'sys/module/rknpu/version')))?.trim() ?? null;
  const bound = await exists(join(root, 'sys/bus/platform/drivers/RKNPU'));
  return {
    platform,
    driverVersion,
    present: platform !== null && (bound || driverVersion !== null),
  };
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
