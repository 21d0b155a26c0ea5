/** Clocks of the NPU, the CPUs, the memory and the GPU, and who governs them. */
import { type BoardFiles, known, type Reading, unknown } from './files.ts';

export interface Clock {
  /** Folder below `/sys` that tells and sets it. */
  path: string;
  currentHz: number;
  /** The fastest that the hardware offers. */
  maxHz: number;
  /** `performance`, `userspace`, `rknpu_ondemand`, ...; */
  governor: string;
}

/** CPUs that share a clock. */
export interface CpuClock extends Clock {
  /** Their numbers. */
  cpus: readonly number[];
}

export interface Clocks {
  npu: Reading<Clock>;
  /** The memory's; without it the memory may run at a third of its speed, and nobody can tell. */
  ddr: Reading<Clock>;
  gpu: Reading<Clock>;
  cpus: readonly CpuClock[];
}

const devfreq = '/sys/class/devfreq';
const cpufreq = '/sys/devices/system/cpu/cpufreq';

export async function readClocks(files: BoardFiles): Promise<Clocks> {
  const names = await files.list(devfreq);
  const [npu, ddr, gpu, cpus] = await Promise.all([
    devfreqClock(files, names, /\.npu$/),
    devfreqClock(files, names, /^dmc$/),
    devfreqClock(files, names, /\.gpu$/),
    cpuClocks(files),
  ]);
  return { npu, ddr, gpu, cpus };
}

async function devfreqClock(
  files: BoardFiles,
  names: readonly string[],
  pattern: RegExp,
): Promise<Reading<Clock>> {
  const name = names.find((each) => pattern.test(each));
  if (name === undefined) {
    const shown = pattern.source.replaceAll(/[\\^$]/g, '').replace(/^\./, '*.');
    return unknown(`this kernel has no ${devfreq}/${shown}`);
  }
  const path = `${devfreq}/${name}`;
  return clockIn(files, path, {
    current: 'cur_freq',
    governor: 'governor',
    fastest: async () => {
      const offered = await files.text(`${path}/available_frequencies`);
      const fastest = Math.max(0, ...(offered.value ?? '').split(/\s+/).map(Number));
      return fastest > 0 ? known(fastest) : files.number(`${path}/max_freq`);
    },
    hzPerUnit: 1,
  });
}

async function cpuClocks(files: BoardFiles): Promise<CpuClock[]> {
  const policies = (await files.list(cpufreq)).filter((name) => /^policy\d+$/.test(name));
  const found = await Promise.all(
    policies.map(async (policy): Promise<CpuClock[]> => {
      const path = `${cpufreq}/${policy}`;
      const clock = await clockIn(files, path, {
        current: 'scaling_cur_freq',
        governor: 'scaling_governor',
        fastest: () => files.number(`${path}/cpuinfo_max_freq`),
        hzPerUnit: 1000,
      });
      const cpus = (await files.text(`${path}/related_cpus`)).value ?? '';
      const numbers = cpus.split(/\s+/).filter(Boolean).map(Number);
      return clock.value === null ? [] : [{ ...clock.value, cpus: numbers }];
    }),
  );
  return found.flat();
}

interface Names {
  current: string;
  governor: string;
  fastest: () => Promise<Reading<number>>;
  hzPerUnit: number;
}

async function clockIn(files: BoardFiles, path: string, names: Names): Promise<Reading<Clock>> {
  const [current, fastest, governor] = await Promise.all([
    files.number(`${path}/${names.current}`),
    names.fastest(),
    files.text(`${path}/${names.governor}`),
  ]);
  if (current.value === null) return current;
  if (fastest.value === null) return fastest;
  if (governor.value === null) return governor;
  return known({
    path,
    currentHz: current.value * names.hzPerUnit,
    maxHz: fastest.value * names.hzPerUnit,
    governor: governor.value,
  });
}
