import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FolderLock } from '../../../src/engine/prefix/folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-lock-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function take(): Promise<FolderLock> {
  const lock = await FolderLock.take(folder);
  if (typeof lock === 'number') throw new Error(`held by ${lock}`);
  return lock;
}

/** Writes a lock as another holder would have left it. */
async function leave(change: (holder: Record<string, unknown>) => void): Promise<void> {
  const lock = await take();
  const holder = JSON.parse(await readFile(join(folder, 'lock'), 'utf8'));
  await lock.release();
  change(holder);
  await writeFile(join(folder, 'lock'), JSON.stringify({ ...holder, id: 'other' }));
}

describe('FolderLock', () => {
  it('is had by one at a time, and names its holder', async () => {
    const lock = await take();
    expect(await FolderLock.take(folder)).toBe(process.pid);
    await lock.release();
    expect(await (await take()).isHeld()).toBe(true);
  });

  it('leaves nothing but itself', async () => {
    const lock = await take();
    await FolderLock.take(folder);
    expect(await readdir(folder)).toEqual(['lock']);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is respected while another process lives, and taken over once it is gone', async () => {
    const other = spawn('sleep', ['60']);
    onTestFinished(() => void other.kill());
    await once(other, 'spawn');
    const stat = await readFile(`/proc/${other.pid}/stat`, 'latin1');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    await leave((holder) => Object.assign(holder, { pid: other.pid, startedAt }));
    expect(await FolderLock.take(folder)).toBe(other.pid);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await (await take()).isHeld()).toBe(true);
  });

  it.each<[string, (holder: Record<string, unknown>) => void]>([
    ['of a process whose number is another one’s now', (holder) => (holder['startedAt'] = '1')],
    ['of before the last boot', (holder) => (holder['boot'] = 'another')],
  ])('%s is taken over', async (_, change) => {
    await leave(change);
    expect(await (await take()).isHeld()).toBe(true);
  });

  it('that is torn is taken over', async () => {
    await writeFile(join(folder, 'lock'), '{"pid":');
    expect(await (await take()).isHeld()).toBe(true);
  });

  it('is noticed to be lost', async () => {
    const lock = await take();
    await writeFile(join(folder, 'lock'), '{}');
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(await readdir(folder)).toEqual(['lock']);
  });
});
