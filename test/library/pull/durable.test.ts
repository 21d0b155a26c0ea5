import path from 'node:path';
import { expect, it } from 'vitest';
import { syncFolder } from '../../../src/library/pull/durable.ts';
import { temporaryFolder } from './harness.ts';

it('a file system that cannot make folders durable, as some shares, is used all the same', async () => {
  await expect(syncFolder('/proc')).resolves.toBeUndefined();
});

it('what is no folder is told', async () => {
  const folder = await temporaryFolder();
  await expect(syncFolder(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
