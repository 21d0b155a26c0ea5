/** How busy the NPU is. */
import { type BoardFiles, firstKnown, mapped, type Reading } from './files.ts';

export interface NpuLoad {
  /** Percent of each core; empty where the kernel tells just the whole. */
  cores: readonly number[];
  /** Percent of the busiest core. */
  busiest: number;
}

/**
 * The driver's own figures per core are in debugfs, for root; everybody may read devfreq's, which is
 * one for all cores.
 */
export function readLoad(files: BoardFiles, npuFolder: string | null): Promise<Reading<NpuLoad>> {
  const stated = (path: string) => async () => mapped(await files.text(path), perCore, path);
  const devfreq = `${npuFolder ?? '/sys/class/devfreq/*.npu'}/load`;
  return firstKnown(stated('/sys/kernel/debug/rknpu/load'), stated('/proc/rknpu/load'), async () =>
    mapped(await files.text(devfreq), whole, devfreq),
  );
}

/** `NPU load:  Core0:  0%, Core1:  0%, Core2:  0%,`; `NPU load:  0%` of a single core. */
function perCore(text: string): NpuLoad | null {
  if (!text.startsWith('NPU load:')) return null;
  const cores = [...text.matchAll(/(\d+)%/g)].map(([, percent]) => Number(percent));
  return cores.length === 0 ? null : { cores, busiest: Math.max(...cores) };
}

/** `0@1000000000Hz`. */
function whole(text: string): NpuLoad | null {
  const [, percent] = /^(\d+)@\d+Hz$/.exec(text) ?? [];
  return percent === undefined ? null : { cores: [], busiest: Number(percent) };
}
