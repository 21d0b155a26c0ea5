import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileErrorCode } from '../paths.ts';

/** What file systems say that cannot do so (shares of other machines): no reason to do without them. */
const cannotSync = new Set(['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** Makes the entries of a folder (a rename, a new file) survive a power cut, where the disk can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSync.has(fileErrorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Replaces a file as a whole: a power cut leaves either the old content or the new. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}
