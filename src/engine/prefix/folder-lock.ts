/**
 * One daemon writes to a folder. The lock is a file that names its holder; one whose holder has
 * ended, or that is of before the last boot, is taken over. Nothing rests on it alone: files have
 * names of their own, and what is loaded is checked.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const holderSchema = z.object({
  /** Of this very lock. */
  id: z.string(),
  pid: z.int(),
  /** When the process started, in clock ticks since boot: a process id is used again. */
  startedAt: z.string(),
  boot: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

export class FolderLock {
  readonly #path: string;
  readonly #holder: Holder;

  private constructor(path: string, holder: Holder) {
    this.#path = path;
    this.#holder = holder;
  }

  /** Resolves with the process id of the holder where there is one that lives. Throws the file system's error. */
  static async take(folder: string): Promise<FolderLock | number> {
    const path = join(folder, 'lock');
    const [boot, startedAt] = [await bootId(), (await startOf(process.pid)) ?? ''];
    const lock = new FolderLock(path, { id: randomUUID(), pid: process.pid, startedAt, boot });
    const own = `${path}.${lock.#holder.id}`;
    try {
      await writeFile(own, JSON.stringify(lock.#holder), { mode: 0o600 });
      if (await isLinked(own, path)) return lock;
      const holder = await readHolder(path);
      if (holder && holder.boot === boot && (await startOf(holder.pid)) === holder.startedAt) {
        return holder.pid;
      }
      await rename(own, path);
      return lock;
    } finally {
      await rm(own, { force: true });
    }
  }

  /** False once another daemon has taken the folder over, or the folder is gone. */
  async isHeld(): Promise<boolean> {
    return (await readHolder(this.#path))?.id === this.#holder.id;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await rm(this.#path, { force: true });
  }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
}

/** Null when there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  // The name before may hold blanks and parentheses; the 22nd field is the 20th after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
