import { sizeText } from '../../units.ts';
import { type Check, fail, ok, skipped, warn } from '../check.ts';
import type { Sandbox } from '../programs.ts';

/** The demos of Rockchip set 102400; 1024 is too few for large models (rknn-llm issue 62). */
const fewFiles = 4096;
/** Less than the smallest model. */
const littleBytes = 1e9;
/** The program is younger: a clock before this is wrong. */
const earliest = new Date('2026-01-01');

export const openFiles: Check = {
  id: 'open-files',
  title: 'The daemon may open enough files',
  judge: ({ openFileLimit, service }) => {
    if (openFileLimit === null) return skipped('The limit is not known.');
    if (openFileLimit >= fewFiles) return ok(`Up to ${openFileLimit}.`);
    const whose = service?.mainPid ? 'the service' : 'programs of this shell';
    return warn(
      `Up to ${openFileLimit} for ${whose}: large models need more.`,
      service?.mainPid
        ? 'sudo systemctl edit rkllamad, and add under [Service]: LimitNOFILE=102400'
        : 'ulimit -n 102400',
    );
  },
};

export const disk: Check = {
  id: 'disk',
  title: 'The models folder can be written, and has room',
  judge: ({ modelsFolder: { path, realPath, state, writable, freeBytes }, user, service }) => {
    const setting = service && whatIsMissing(realPath, service.sandbox);
    if (setting) {
      return fail(
        `The service may not write to ${realPath}, whatever its user may: nothing can be pulled.`,
        `sudo systemctl edit rkllamad, and add under [Service]: ${setting} Then: sudo systemctl restart rkllamad`,
      );
    }
    if (state === 'hidden') {
      return skipped(`${path} cannot be seen by this user.`, 'sudo rkllama doctor');
    }
    const room = freeBytes === null ? 'an unknown amount' : sizeText(freeBytes);
    if (state === 'missing') {
      return ok(`${path} is not there yet; the daemon makes it. ${room} is free.`);
    }
    if (writable === false) {
      return fail(
        `The user ${user.name} may not write to ${path}: nothing can be pulled.`,
        `sudo chown -R ${user.name}: ${path}`,
      );
    }
    if (freeBytes !== null && freeBytes < littleBytes) {
      return warn(`${room} is free in ${path}.`, 'rkllama list, and rkllama rm what is not needed');
    }
    return ok(`${room} is free in ${path}.`);
  },
};

/** What the unit has to say so that the service reaches a folder; null where it does. */
function whatIsMissing(path: string, { writable, hidesHomes }: Sandbox): string | null {
  const isBelow = (folder: string) => path === folder || path.startsWith(`${folder}/`);
  if (writable === null || writable.some(isBelow)) return null;
  return hidesHomes && ['/home', '/root', '/run/user'].some(isBelow)
    ? `ProtectHome=tmpfs and BindPaths=${path}.`
    : `ReadWritePaths=${path}.`;
}

export const time: Check = {
  id: 'time',
  title: 'The clock is right',
  judge: ({ now, timeIsSynchronized }) => {
    const shown = now.toISOString().slice(0, 16).replace('T', ' ');
    const mend = 'sudo timedatectl set-ntp true';
    if (now < earliest) {
      return fail(`It says ${shown} UTC: with that, no encrypted download works.`, mend);
    }
    if (timeIsSynchronized === false)
      return warn(`It says ${shown} UTC, and nobody keeps it right.`, mend);
    return ok(`It says ${shown} UTC${timeIsSynchronized ? ', kept by the network' : ''}.`);
  },
};
