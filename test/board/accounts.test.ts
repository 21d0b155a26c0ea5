import { describe, expect, it } from 'vitest';
import { groupId, mayReadAndWrite, readAccount, readOpenFileLimit } from '../../src/board/index.ts';
import { fixture } from './fixtures/tree.ts';

const files = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nrkllama:x:990:980:rkllamad:/var/lib/rkllamad:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nvideo:x:44:rkllama,maria\nrender:x:105:maria\nrkllama:x:980:maria\n',
};

describe('an account', () => {
  it('is told with all its groups', async () => {
    expect(await readAccount('rkllama', await fixture(files))).toEqual({
      name: 'rkllama',
      uid: 990,
      gid: 980,
      home: '/var/lib/rkllamad',
      groups: [980, 44],
    });
  });

  it('is none where there is no such user, or no file', async () => {
    expect(await readAccount('nobody', await fixture(files))).toBeNull();
    expect(await readAccount('rkllama', await fixture({}))).toBeNull();
  });

  it('may be given the id of a group', async () => {
    const root = await fixture(files);
    expect([await groupId('render', root), await groupId('absent', root)]).toEqual([105, null]);
  });
});

describe('a file can be used', () => {
  const node = { uid: 0, gid: 44, mode: 0o660 };
  it.each([
    ['by root', { uid: 0, groups: [0] }, node, true],
    ['by its group', { uid: 990, groups: [980, 44] }, node, true],
    ['by nobody else', { uid: 990, groups: [980] }, node, false],
    ['by its owner', { uid: 990, groups: [] }, { ...node, uid: 990, mode: 0o600 }, true],
    ['by everybody', { uid: 990, groups: [] }, { ...node, mode: 0o666 }, true],
    // The first class that fits decides, as in the kernel.
    ['not by a group that is shut out', { uid: 1, groups: [44] }, { ...node, mode: 0o606 }, false],
    [
      'not by an owner who is shut out',
      { uid: 7, groups: [44] },
      { uid: 7, gid: 44, mode: 0o060 },
      false,
    ],
    ['not by those who may only read', { uid: 1, groups: [44] }, { ...node, mode: 0o640 }, false],
  ])('%s', (_, user, ownership, expected) => {
    expect(mayReadAndWrite(ownership, user)).toBe(expected);
  });
});

describe('the limit of open files', () => {
  const row = (soft: string) =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft.padEnd(20)} 1048576              files     \n`;

  it.each([
    ['1024', 1024],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('of a process is its soft one: %s', async (soft, expected) => {
    const root = await fixture({ 'proc/812/limits': row(soft) });
    expect((await readOpenFileLimit(812, root)).value).toBe(expected);
  });

  it('is that of this process where there is no other', async () => {
    expect((await readOpenFileLimit(null)).value).toBeGreaterThan(0);
  });

  it('of a process that is gone is not known', async () => {
    const { value, reason } = await readOpenFileLimit(812, await fixture({}));
    expect([value, reason]).toEqual([null, 'this kernel has no /proc/812/limits']);
  });
});
