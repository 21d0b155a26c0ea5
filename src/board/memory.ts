import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that a new program can have without swapping (`MemAvailable`); null where the kernel does
 * not tell. `root` is where `/proc` is; a folder of fixtures in tests.
 */
export async function availableMemory(root = '/'): Promise<number | null> {
  const text = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(text) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
