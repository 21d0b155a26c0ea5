/** The SoC and the driver of its NPU. */
import { BoardFiles, firstKnown, mapped, type Reading, unknown } from './files.ts';

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
  /**
   * `rknpu` is Rockchip's driver, which librkllmrt needs. `rocket` is mainline Linux's, with which
   * it does not work (rknn-toolkit2 issue 570). Null: the NPU has none.
   */
  driver: 'rknpu' | 'rocket' | null;
  /** Version of the rknpu driver. */
  driverVersion: Reading<string>;
  /** True when the NPU can be used: the SoC and Rockchip's driver are there. */
  present: boolean;
}

/** `root` is where `/proc` and `/sys` are; a folder of fixtures in tests. */
export async function readNpu(root = '/'): Promise<Npu> {
  const files = new BoardFiles(root);
  const [platform, driver, driverVersion] = await Promise.all([
    readPlatform(files),
    readDriver(files),
    readVersion(files),
  ]);
  return { platform, driver, driverVersion, present: platform !== null && driver === 'rknpu' };
}

async function readPlatform(files: BoardFiles): Promise<string | null> {
  const compatible = await files.raw('/proc/device-tree/compatible');
  const names = (compatible.value ?? '').split('\0');
  return Object.entries(platforms).find(([name]) => names.includes(name))?.[1] ?? null;
}

async function readDriver(files: BoardFiles): Promise<Npu['driver']> {
  const has = (path: string) => files.exists(path);
  if ((await has('/sys/bus/platform/drivers/RKNPU')) || (await has('/sys/module/rknpu'))) {
    return 'rknpu';
  }
  const mainline = ['/sys/bus/platform/drivers/rocket', '/sys/module/rocket'];
  return (await Promise.all(mainline.map(has))).includes(true) ? 'rocket' : null;
}

/** The module's version is for everybody; what debugfs says is for root, and in `/proc` on few kernels. */
async function readVersion(files: BoardFiles): Promise<Reading<string>> {
  const module = await files.text('/sys/module/rknpu/version');
  if (module.value !== null) return module;
  const told = await firstKnown(
    () => statedVersion(files, '/proc/rknpu/version'),
    () => statedVersion(files, '/sys/kernel/debug/rknpu/version'),
  );
  return told.value === null && (await readDriver(files)) !== 'rknpu'
    ? unknown('the rknpu driver is not loaded')
    : told;
}

/** `RKNPU driver: v0.9.8` (rknpu driver 0.9.8). */
async function statedVersion(files: BoardFiles, path: string): Promise<Reading<string>> {
  return mapped(
    await files.text(path),
    (text) => /\bv(\d+(?:\.\d+)+)/.exec(text)?.[1] ?? null,
    path,
  );
}
