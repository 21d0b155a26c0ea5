import { spawnSync } from 'node:child_process';

/** Debian sorts `1.0.0~rc.1` before `1.0.0`, as npm does `1.0.0-rc.1`. */
export function debianVersion(version: string): string {
  return version.replace('-', '~');
}

/** When the sources last changed: the time of everything in the package. */
export function lastChange(environment: NodeJS.ProcessEnv = process.env): Date {
  const given = environment['SOURCE_DATE_EPOCH'];
  const seconds = given ?? spawnSync('git', ['log', '-1', '--format=%ct']).stdout?.toString();
  if (!seconds || !/^\d+\s*$/.test(seconds)) {
    throw new Error('these sources are no git clone: set SOURCE_DATE_EPOCH to their time');
  }
  return new Date(Number(seconds) * 1000);
}

interface Release {
  /** As in package.json. */
  version: string;
  /** The text of debian/control. */
  control: string;
  date: Date;
}

/** debian/changelog: one entry, because the changes are told in CHANGELOG.md. */
export function changelogEntry({ version, control, date }: Release): string {
  const maintainer = /^Maintainer: (.*)$/m.exec(control)?.[1];
  if (maintainer === undefined) throw new Error('debian/control names no maintainer');
  const time = date.toUTCString().replace('GMT', '+0000');
  return `rkllamad (${debianVersion(version)}) unstable; urgency=medium

  * What changed is told in /usr/share/doc/rkllamad/CHANGELOG.md.

 -- ${maintainer}  ${time}
`;
}
