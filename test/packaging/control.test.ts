import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { architectures } from '../../scripts/package/architecture.ts';
import { changelogEntry, debianVersion, lastChange } from '../../scripts/package/changelog.ts';
import { assertRunsOn } from '../../scripts/package/needs.ts';

let control: string;
beforeAll(async () => {
  control = await readFile('debian/control', 'utf8');
});

describe('debian/control', () => {
  it('has the architectures that can be built', () => {
    const listed = /^Architecture: (.*)$/m.exec(control)?.[1]?.split(' ');
    expect(listed?.sort()).toEqual(Object.keys(architectures).sort());
  });

  it('asks for no more than Debian 11 has', () => {
    const bullseye: Record<string, number> = { libc6: 2.31, 'libstdc++6': 10, systemd: 247 };
    const asked = [...control.matchAll(/([\w+]+) \(>= ([\d.]+)\)/g)];
    const known = asked.filter(([, name = '']) => Object.hasOwn(bullseye, name));
    expect(known.length).toBe(Object.keys(bullseye).length);
    for (const [, name = '', version] of known) {
      expect(Number(version), name).toBeLessThanOrEqual(bullseye[name] ?? 0);
    }
  });
});

describe('debian/changelog', () => {
  it('has the version of package.json, the maintainer, and the time in the form of RFC 5322', () => {
    const date = new Date('2026-01-02T03:04:05Z');
    const entry = changelogEntry({ version: manifest.version, control, date });
    expect(entry.split('\n')[0]).toBe(`rkllamad (${manifest.version}) unstable; urgency=medium`);
    const maintainer = /^Maintainer: (.*)$/m.exec(control)?.[1];
    expect(entry).toContain(`\n -- ${maintainer}  Fri, 02 Jan 2026 03:04:05 +0000\n`);
  });

  it('sorts a candidate before its release', () => {
    expect(debianVersion('1.0.0-rc.1')).toBe('1.0.0~rc.1');
    expect(debianVersion('1.0.0')).toBe('1.0.0');
  });

  it('takes the time that it is given, and refuses one that is none', () => {
    expect(lastChange({ SOURCE_DATE_EPOCH: '1700000000' }).toISOString()).toBe(
      '2023-11-14T22:13:20.000Z',
    );
    expect(() => lastChange({ SOURCE_DATE_EPOCH: 'now' })).toThrow('SOURCE_DATE_EPOCH');
  });
});

describe('the check of what programs need', () => {
  it('refuses a program that needs a newer C library than the package asks for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rkllamad-needs-'));
    await writeFile(join(folder, 'node'), await readFile(process.execPath));
    const path = join(folder, 'control');
    await writeFile(path, control);
    await expect(assertRunsOn(folder, path)).resolves.toBeUndefined();
    await writeFile(path, control.replace(/libc6 \(>= [\d.]+\)/, 'libc6 (>= 2.5)'));
    await expect(assertRunsOn(folder, path)).rejects.toThrow('debian/control allows 2.5');
  });
});
