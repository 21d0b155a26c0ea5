import { cpus } from 'node:os';

/**
 * CPUs for the parts of a model that do not run on the NPU: the big cores 4 to 7 where there are
 * eight CPUs (RK3588, RK3576), else 0 to 3 (RK3562, RV1126B). This is the runtime's own default,
 * which it leaves unset on any other count (librkllmrt 1.2.1b1).
 */
export function defaultCpus(online: number = cpus().length): { count: number; mask: number } {
  return { count: 4, mask: online >= 8 ? 0xf0 : 0x0f };
}
