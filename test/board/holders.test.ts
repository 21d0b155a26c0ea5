import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { npuHolders } from '../../src/board/index.ts';
import { fixture } from './fixtures/tree.ts';

describe('who holds the NPU', () => {
  it('is told by the open files of every program', async () => {
    const root = await fixture({
      'proc/17/fd/4': { link: '/dev/dri/card1' },
      'proc/17/comm': 'llm_demo\n',
      'proc/18/fd/4': { link: '/dev/null' },
      'proc/18/comm': 'sh\n',
      'proc/self/fd/0': { link: '/dev/dri/card1' },
    });
    expect(await npuHolders(['/dev/dri/card1'], root)).toEqual({
      programs: [{ pid: 17, name: 'llm_demo' }],
      complete: true,
    });
  });

  it('is known in part when programs of others cannot be looked at', async () => {
    const root = await fixture({ 'proc/17/cmdline': 'llm_demo\0', 'proc/17/comm': 'llm_demo\n' });
    expect(await npuHolders(['/dev/dri/card1'], root)).toEqual({ programs: [], complete: false });
  });

  it('does not count threads of the kernel, which open nothing', async () => {
    const root = await fixture({ 'proc/2/cmdline': '', 'proc/2/comm': 'kthreadd\n' });
    expect((await npuHolders(['/dev/dri/card1'], root)).complete).toBe(true);
  });

  it('is this very program when it has the file open', async () => {
    const folder = await fixture({ node: '' });
    const handle: FileHandle = await open(join(folder, 'node'));
    onTestFinished(() => handle.close());
    const { programs } = await npuHolders([join(folder, 'node')]);
    expect(programs.map(({ pid }) => pid)).toEqual([process.pid]);
  });
});
