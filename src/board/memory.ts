import { BoardFiles, known, type Reading, unknown } from './files.ts';

/** Sizes in bytes. */
export interface Memory {
  totalBytes: number;
  /** What a new program can have without swapping (`MemAvailable`). */
  availableBytes: number;
  swapTotalBytes: number;
  swapFreeBytes: number;
  /** The part of the swap that is compressed memory (zram) and costs no disk. */
  zramBytes: number;
}

/**
 * Bytes that a new program can have without swapping (`MemAvailable`); null where the kernel does
 * not tell. `root` is where `/proc` is; a folder of fixtures in tests.
 */
export async function availableMemory(root = '/'): Promise<number | null> {
  const text = await new BoardFiles(root).raw('/proc/meminfo');
  return sizeIn(text.value ?? '', 'MemAvailable');
}

export async function readMemory(files: BoardFiles): Promise<Reading<Memory>> {
  const [info, swaps] = await Promise.all([files.raw('/proc/meminfo'), files.raw('/proc/swaps')]);
  if (info.value === null) return info;
  const totalBytes = sizeIn(info.value, 'MemTotal');
  const availableBytes = sizeIn(info.value, 'MemAvailable');
  if (totalBytes === null || availableBytes === null) {
    return unknown('/proc/meminfo does not tell the memory');
  }
  return known({
    totalBytes,
    availableBytes,
    swapTotalBytes: sizeIn(info.value, 'SwapTotal') ?? 0,
    swapFreeBytes: sizeIn(info.value, 'SwapFree') ?? 0,
    zramBytes: zramIn(swaps.value ?? ''),
  });
}

function sizeIn(text: string, name: string): number | null {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Lines of `/proc/swaps`: file name, type, size in kB, used, priority. */
function zramIn(swaps: string): number {
  const sizes = swaps.matchAll(/^\/dev\/zram\d+\s+\S+\s+(\d+)/gm);
  return [...sizes].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
