import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { follow } from './follow.ts';

interface Container {
  /** A Debian's root folder; it stays as it is. */
  tree: string;
  /** Folder that the container gets, with a program `start`. */
  payload: string;
  /** Where to keep what the container says. */
  log: string;
  limitSeconds: number;
  onLine(line: string): void;
}

/** Boots a Debian in systemd-nspawn, without a network, and resolves when it has powered itself off. */
export async function bootContainer(container: Container): Promise<void> {
  const { tree, payload, log, limitSeconds, onLine } = container;
  const report = join(payload, 'report');
  await rm(report, { force: true });
  await writeFile(report, '');
  const nspawn = spawn(
    'systemd-nspawn',
    [
      ...['-D', tree, '--ephemeral', '--boot', '--register=no', '--keep-unit'],
      ...['--private-network', '--console=pipe', `--bind=${resolve(payload)}:/payload`],
    ],
    {
      // Otherwise an old layout of control groups is taken where this machine is no systemd's.
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'ignore', 'ignore'],
      signal: AbortSignal.timeout(limitSeconds * 1000),
    },
  );
  const reader = follow(report, onLine);
  try {
    await once(nspawn, 'close');
  } finally {
    await reader.stop();
    await copyFile(report, log);
  }
}
