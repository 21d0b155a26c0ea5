import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readService } from '../../../src/cli/doctor/programs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-systemctl-'));
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function systemctlSays(...lines: string[]): Promise<void> {
  const program = join(folder, 'systemctl');
  await writeFile(program, `#!/bin/sh\ncat <<'EOF'\n${lines.join('\n')}\nEOF\n`);
  await chmod(program, 0o755);
}

describe('readService', () => {
  it('reads what the unit may write', async () => {
    await systemctlSays(
      'LoadState=loaded',
      'ActiveState=active',
      'UnitFileState=enabled',
      'Result=success',
      'NRestarts=2',
      'MainPID=812',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'StateDirectory=rkllamad',
      'ReadWritePaths=/mnt/nvme/models -/mnt/usb',
      'BindPaths=/home/pi/models:/home/pi/models:rbind',
    );
    expect(await readService()).toEqual({
      state: 'active',
      enabled: true,
      result: 'success',
      restarts: 2,
      mainPid: 812,
      sandbox: {
        writable: ['/var/lib/rkllamad', '/mnt/nvme/models', '/mnt/usb', '/home/pi/models'],
        hidesHomes: true,
      },
    });
  });

  it('takes a unit without a sandbox for what it is', async () => {
    await systemctlSays('LoadState=loaded', 'ProtectSystem=full', 'ProtectHome=no', 'MainPID=0');
    expect(await readService()).toMatchObject({
      mainPid: null,
      sandbox: { writable: null, hidesHomes: false },
    });
  });

  it('knows no service where there is no unit', async () => {
    await systemctlSays('LoadState=not-found', 'ActiveState=inactive');
    expect(await readService()).toBeNull();
  });
});
