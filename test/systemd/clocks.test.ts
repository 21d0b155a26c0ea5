import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../systemd/rkllamad-clocks', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rkllamad-clocks-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A devfreq device, as far as the script sees it. */
const device = (name: string, frequencies: string, governor = 'simple_ondemand') => ({
  [`sys/class/devfreq/${name}/governor`]: governor,
  [`sys/class/devfreq/${name}/available_governors`]:
    'userspace powersave performance simple_ondemand',
  [`sys/class/devfreq/${name}/available_frequencies`]: frequencies,
  [`sys/class/devfreq/${name}/userspace/set_freq`]: '300000000',
  [`sys/class/devfreq/${name}/cur_freq`]: '300000000',
});
const policy = (
  name: string,
  frequencies: string,
  governors = 'userspace schedutil performance',
) => ({
  [`sys/devices/system/cpu/cpufreq/${name}/scaling_governor`]: 'schedutil',
  [`sys/devices/system/cpu/cpufreq/${name}/scaling_available_governors`]: governors,
  [`sys/devices/system/cpu/cpufreq/${name}/scaling_available_frequencies`]: frequencies,
  [`sys/devices/system/cpu/cpufreq/${name}/scaling_setspeed`]: '<unsupported>',
  [`sys/devices/system/cpu/cpufreq/${name}/scaling_cur_freq`]: '408000',
});

const rk3588 = {
  'proc/device-tree/compatible': 'xunlong,orangepi-5-plus\0rockchip,rk3588\0',
  ...device('fdab0000.npu', '300000000 700000000 1000000000'),
  ...device('dmc', '528000000 1068000000 2112000000'),
  ...policy('policy0', '408000 1608000 1800000'),
  ...policy('policy4', '408000 2208000 2256000'),
  ...policy('policy6', '408000 2352000 2400000'),
  'sys/devices/system/cpu/cpu0/cpuidle/state1/disable': '0',
  'sys/devices/system/cpu/cpu7/cpuidle/state1/disable': '0',
};

async function board(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `${text}\n`);
  }
}

function clocks(command: string) {
  const { status, stdout, stderr } = spawnSync('sh', [script, command], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      RKLLAMAD_CLOCKS_ROOT: root,
      RUNTIME_DIRECTORY: join(root, 'run'),
    },
  });
  return { status, stdout, stderr };
}

const value = async (path: string) => (await readFile(join(root, path), 'utf8')).trim();
const values = async (files: object) =>
  Object.fromEntries(
    await Promise.all(Object.keys(files).map(async (path) => [path, await value(path)])),
  );

describe('rkllamad-clocks', () => {
  it('pins NPU, memory and CPU of an RK3588, and no higher than its lists go', async () => {
    await board(rk3588);
    expect(clocks('pin')).toMatchObject({ status: 0, stdout: '' });
    expect(await values(rk3588)).toMatchObject({
      'sys/class/devfreq/fdab0000.npu/governor': 'userspace',
      'sys/class/devfreq/fdab0000.npu/userspace/set_freq': '1000000000',
      'sys/class/devfreq/dmc/governor': 'userspace',
      'sys/class/devfreq/dmc/userspace/set_freq': '2112000000',
      'sys/devices/system/cpu/cpufreq/policy0/scaling_governor': 'userspace',
      'sys/devices/system/cpu/cpufreq/policy0/scaling_setspeed': '1800000',
      'sys/devices/system/cpu/cpufreq/policy4/scaling_setspeed': '2256000',
      'sys/devices/system/cpu/cpufreq/policy6/scaling_setspeed': '2352000',
      'sys/devices/system/cpu/cpu0/cpuidle/state1/disable': '1',
      'sys/devices/system/cpu/cpu7/cpuidle/state1/disable': '1',
    });
  });

  it('puts every governor back, and what a governor held', async () => {
    const files = { ...rk3588, ...device('dmc', '528000000 2112000000', 'userspace') };
    await board(files);
    clocks('pin');
    expect(clocks('restore').status).toBe(0);
    const after = await values(files);
    const governors = Object.keys(files).filter((path) => path.endsWith('governor'));
    expect(governors).toHaveLength(5);
    for (const path of [...governors, 'sys/class/devfreq/dmc/userspace/set_freq']) {
      expect([path, after[path]]).toEqual([path, Reflect.get(files, path)]);
    }
    expect(after['sys/devices/system/cpu/cpu0/cpuidle/state1/disable']).toBe('0');
  });

  it('knows what was before the first of two pins', async () => {
    await board(rk3588);
    clocks('pin');
    clocks('pin');
    clocks('restore');
    expect(await value('sys/class/devfreq/dmc/governor')).toBe('simple_ondemand');
  });

  it('takes the governor performance where a kernel has no userspace', async () => {
    await board({ ...rk3588, ...policy('policy0', '408000', 'schedutil performance') });
    clocks('pin');
    expect(await value('sys/devices/system/cpu/cpufreq/policy0/scaling_governor')).toBe(
      'performance',
    );
  });

  it.each([
    ['rk3576', '27700000.npu', '1000000000'],
    ['rk3562', 'ff300000.npu', '1000000000'],
    ['rv1126b', '22000000.npu', '950000000'],
  ])('knows the NPU of an %s', async (soc, npu, hz) => {
    await board({
      'proc/device-tree/compatible': `vendor,board\0rockchip,${soc}\0`,
      ...device(npu, '300000000 950000000 1000000000'),
    });
    expect(clocks('pin').status).toBe(0);
    expect(await value(`sys/class/devfreq/${npu}/userspace/set_freq`)).toBe(hz);
  });

  it('pins an NPU without devfreq through debugfs', async () => {
    const freq = 'sys/kernel/debug/rknpu/freq';
    await board({ 'proc/device-tree/compatible': 'rockchip,rk3562\0', [freq]: '600000000' });
    expect(clocks('pin').status).toBe(0);
    expect(await value(freq)).toBe('1000000000');
    clocks('restore');
    expect(await value(freq)).toBe('600000000');
  });

  it('says what is not there and pins the rest', async () => {
    const files = Object.entries(rk3588).filter(([path]) => !path.includes('/dmc/'));
    await board(Object.fromEntries(files));
    const { status, stderr } = clocks('pin');
    expect(status).toBe(0);
    expect(stderr).toMatch(/devfreq\/dmc is not there/);
    expect(await value('sys/class/devfreq/fdab0000.npu/governor')).toBe('userspace');
  });

  it.each([
    ['another machine', { 'proc/device-tree/compatible': 'brcm,bcm2712\0' }, /no clocks are known/],
    ['a machine without a device tree', {}, /it has no device tree/],
    [
      'a board with nothing to pin',
      { 'proc/device-tree/compatible': 'rockchip,rk3588\0' },
      /nothing could be pinned/,
    ],
  ])('fails in words on %s', async (_, files, words) => {
    await board(files);
    const { status, stderr } = clocks('pin');
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
  });

  it('shows the clocks as they are', async () => {
    await board(rk3588);
    expect(clocks('show').stdout).toMatch(
      /^\/sys\/class\/devfreq\/fdab0000\.npu\/cur_freq 300000000$/m,
    );
  });
});
