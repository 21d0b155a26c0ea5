/** Which CPUs are the big ones. */
import { type BoardFiles, known, type Reading, unknown } from './files.ts';

const folder = '/sys/devices/system/cpu';

export interface CpuCores {
  online: number;
  /** Bit mask of the CPUs with the highest capacity, 0xF0 on an RK3588. All where they are alike. */
  bigMask: number;
}

/**
 * By the scheduler's capacities: clock rates do not tell a Cortex-A72 from an A53 (RK3576), which
 * run at nearly the same.
 */
export async function readCores(files: BoardFiles): Promise<Reading<CpuCores>> {
  const names = (await files.list(folder)).filter((name) => /^cpu\d+$/.test(name));
  if (names.length === 0) return unknown(`this kernel has no ${folder}/cpu*`);
  const cores = await Promise.all(
    names.map(async (name) => ({
      bit: 2 ** Number(name.slice(3)),
      capacity: await files.number(`${folder}/${name}/cpu_capacity`),
    })),
  );
  const silent = cores.find(({ capacity }) => capacity.value === null);
  if (silent?.capacity.reason) return unknown(silent.capacity.reason);
  const biggest = Math.max(...cores.map(({ capacity }) => capacity.value ?? 0));
  const big = cores.filter(({ capacity }) => capacity.value === biggest);
  return known({ online: cores.length, bigMask: big.reduce((sum, { bit }) => sum + bit, 0) });
}
