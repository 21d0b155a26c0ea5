import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** What Debian's libstdc++6 of a version offers. */
const libstdcxx: Record<string, string> = { '8': '3.4.25' };

/**
 * Holds what the programs in a tree ask of glibc and libstdc++ against what debian/control says.
 * @throws naming the program that needs more
 */
export async function assertRunsOn(tree: string, controlPath: string): Promise<void> {
  const control = await readFile(controlPath, 'utf8');
  const libc = /libc6 \(>= ([\d.]+)\)/.exec(control)?.[1];
  const stdcxx = libstdcxx[/libstdc\+\+6 \(>= (\d+)\)/.exec(control)?.[1] ?? ''];
  if (libc === undefined || stdcxx === undefined) {
    throw new Error('debian/control does not say which libc6 and libstdc++6 it depends on');
  }
  for (const program of await programs(tree)) {
    const symbols = run('objdump', ['-T', program]);
    for (const [library, limit] of [
      ['GLIBC', libc],
      ['GLIBCXX', stdcxx],
    ] as const) {
      const needed = symbols.matchAll(new RegExp(`\\b${library}_([\\d.]+)`, 'g'));
      for (const [, version = ''] of needed) {
        if (isNewer(version, limit)) {
          throw new Error(`${program} needs ${library} ${version}; debian/control allows ${limit}`);
        }
      }
    }
  }
}

async function programs(tree: string): Promise<string[]> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && (entry.name === 'node' || entry.name.endsWith('.node')))
    .map((entry) => join(entry.parentPath, entry.name));
}

function isNewer(version: string, limit: string): boolean {
  return version.localeCompare(limit, 'en', { numeric: true }) > 0;
}
