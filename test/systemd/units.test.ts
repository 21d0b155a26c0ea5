import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { daemonCommand, daemonEnvironment } from '../../scripts/lib/daemon-command.ts';

const units = ['rkllamad.service', 'rkllamad.socket', 'rkllamad-clocks.service'];
const programs = ['usr/lib/rkllamad/node', 'usr/lib/rkllamad/rkllamad-clocks', 'bin/kill'];
const analyzer = 'systemd-analyze';
const analyze = (...args: string[]) => {
  const { error, stdout, stderr, status } = spawnSync(analyzer, args, {
    encoding: 'utf8',
  });
  return { isMissing: error !== undefined, status, text: `${stdout ?? ''}${stderr ?? ''}` };
};
const { isMissing } = analyze('--version');

/** A root with the units in it, and programs where they say. */
let root: string;
const install = async (path: string, content: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rkllamad-units-'));
  if (isMissing) return;
  await cp('/lib/systemd/system', join(root, 'usr/lib/systemd/system'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const unit of units) {
    await install(`etc/systemd/system/${unit}`, await readFile(`systemd/${unit}`, 'utf8'));
  }
  for (const program of programs) {
    await install(program, '');
    await chmod(join(root, program), 0o755);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const verify = (unit: string) => analyze('verify', '--man=no', `--root=${root}`, unit);

describe.skipIf(isMissing)('the units, as systemd-analyze sees them', () => {
  it.each(units)('%s has nothing to say about', (unit) => {
    // It says what is wrong and succeeds nevertheless.
    expect(verify(unit)).toMatchObject({ text: '', status: 0 });
  });

  it('would be told what is wrong', async () => {
    const text = await readFile('systemd/rkllamad.service', 'utf8');
    await install(
      'etc/systemd/system/wrong.service',
      text.replace('WatchdogSec=', 'WatchdogSecs='),
    );
    expect(verify('wrong.service').text).toMatch(/WatchdogSecs/);
  });

  it.each(['rkllamad.service', 'rkllamad-clocks.service'])(
    '%s is exposed by 2.0 at most',
    (unit) => {
      const { text, status } = analyze(
        'security',
        '--offline=true',
        '--threshold=20',
        `--root=${root}`,
        unit,
      );
      expect(text).toMatch(/Overall exposure level/);
      expect(status).toBe(0);
    },
  );
});

describe('rkllamad.service', async () => {
  const text = await readFile('systemd/rkllamad.service', 'utf8');

  it('starts the daemon as it is measured', () => {
    const flags = daemonCommand.slice(0, -1).join(' ');
    expect(text).toContain(
      `ExecStart=/usr/lib/rkllamad/node ${flags} /usr/lib/rkllamad/daemon.js\n`,
    );
    for (const [name, value] of Object.entries(daemonEnvironment)) {
      expect(text).toContain(`Environment=${name}=${value}\n`);
    }
  });

  it('has nothing that Debian 11 does not know', () => {
    expect(text).not.toMatch(/^(Type=notify-reload|ExtensionDirectories|PrivateIPC|MemoryKSM)/m);
  });
});
