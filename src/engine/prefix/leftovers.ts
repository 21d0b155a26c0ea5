/** What a folder holds when the daemon starts: whole entries, and what a kill or a power cut left. */
import { access, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { type PrefixEntry, readRecord } from './entry.ts';

/** Names that a store gives; whatever has another one is somebody else's and stays. */
const folderName = /^[0-9a-f]{32}$/;
const recordName = /^[0-9a-f-]{36}\.json$/;
const ownName = /^([0-9a-f-]{36}\.(kv|part|json)|costs)(\.tmp)?$/;

/**
 * The whole entries, the least recently used first. Everything that belongs to none is deleted, and
 * so is what was saved of models that are gone. The caller holds the folder's lock.
 */
export async function sweep(folder: string): Promise<PrefixEntry[]> {
  const found: { entry: PrefixEntry; usedAtMs: number }[] = [];
  for (const child of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, child.name);
    if (child.isDirectory() && folderName.test(child.name)) found.push(...(await sweepModel(path)));
    // Left by who was killed while taking the lock.
    else if (/^lock\.[0-9a-f-]{36}$/.test(child.name)) await rm(path, { force: true });
  }
  return found.sort((a, b) => a.usedAtMs - b.usedAtMs).map(({ entry }) => entry);
}

async function sweepModel(folder: string) {
  const names = await readdir(folder);
  const found: { entry: PrefixEntry; usedAtMs: number }[] = [];
  for (const name of names.filter((each) => recordName.test(each))) {
    const path = join(folder, name);
    const entry = await readRecord(path, parse(name).name);
    if (entry && (await isUsable(folder, entry))) {
      found.push({ entry, usedAtMs: (await stat(path)).mtimeMs });
    }
  }
  const whole = new Set(found.flatMap(({ entry }) => [`${entry.id}.json`, `${entry.id}.kv`]));
  if (found.length > 0) whole.add('costs');
  const leftovers = names.filter((name) => ownName.test(name) && !whole.has(name));
  for (const name of leftovers) await rm(join(folder, name), { force: true });
  if (leftovers.length === names.length) await rmdir(folder);
  return found;
}

async function isUsable(folder: string, { id, sizeBytes, model }: PrefixEntry): Promise<boolean> {
  try {
    await access(model);
    return (await stat(join(folder, `${id}.kv`))).size === sizeBytes;
  } catch {
    return false;
  }
}
