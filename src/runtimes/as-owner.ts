import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Does `work` with the rights of the folder's owner where root does it for another user, so that
 * what is made is that user's, and no link in the folder leads root out of it. The rights are those
 * of the whole process while `work` goes on; for programs that do one thing.
 */
export async function asOwnerOf<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { uid, gid } = await ownerOf(folder);
  const { geteuid, getegid, getgroups, setgroups, setegid, seteuid } = process;
  const isOther = geteuid?.() === 0 && uid !== 0;
  if (!isOther || !getegid || !getgroups || !setgroups || !setegid || !seteuid) return work();
  const own = { gid: getegid(), groups: getgroups() };
  try {
    setgroups([gid]);
    setegid(gid);
    seteuid(uid);
    return await work();
  } finally {
    seteuid(0);
    setegid(own.gid);
    setgroups(own.groups);
  }
}

/** Of the folder, or the first one above it that exists. */
async function ownerOf(folder: string): Promise<{ uid: number; gid: number }> {
  const found = await stat(folder).catch(() => null);
  return found ?? ownerOf(dirname(folder));
}
