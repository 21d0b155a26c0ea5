import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { digestFile } from '../../src/library/digest/file.ts';
import { ModelsFolder, modelBytes, until } from './models-folder.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.concurrent('the digest of a model', () => {
  it('is computed in the background, once, and kept over a restart', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('a.rkllm');
    await utimes(file, 1, 1);
    const first = await folder.catalogue();
    expect(first.find('a').digest).toBeNull();
    await until(() => first.find('a').digest !== null);
    expect(first.find('a').digest).toBe(sha256(modelBytes()));
    await first.stop();
    const second = await folder.catalogue();
    expect(second.find('a').digest).toBe(sha256(modelBytes()));
  });

  it('is computed anew when the file changes', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('a.rkllm');
    await utimes(file, 1, 1);
    const catalogue = await folder.catalogue();
    await until(() => catalogue.find('a').digest !== null);
    const other = modelBytes({ maxContext: 777 });
    await writeFile(file, other);
    await utimes(file, 2, 2);
    await catalogue.refresh();
    await until(() => catalogue.find('a').digest === sha256(other));
  });

  it('is shared by a derived model', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    await folder.write('b/Modelfile', 'FROM a');
    const catalogue = await folder.catalogue();
    await until(() => catalogue.find('b').digest !== null);
    expect(catalogue.find('b').digest).toBe(catalogue.find('a').digest);
  });

  it('survives a cache that is damaged', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    await folder.write('cache.json', '{"half":');
    const catalogue = await folder.catalogue({ digestCache: folder.at('cache.json') });
    await until(() => catalogue.find('a').digest !== null);
    await catalogue.stop();
    const entries: unknown = JSON.parse(await readFile(folder.at('cache.json'), 'utf8'));
    expect(Object.keys(Object(entries))).toEqual([folder.at('a.rkllm')]);
  });

  it('is kept in a hidden folder beside the models when no other place is given', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const digestCache = folder.at('.rkllamad', 'digests.json');
    const catalogue = await folder.catalogue({ digestCache });
    await until(() => existsSync(digestCache));
    expect(catalogue.models()).toHaveLength(1);
  });

  it('is not computed when the download has already done it', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    const known = 'ab'.repeat(32);
    const path = await folder.model('a.rkllm');
    await utimes(path, 1, 1);
    await catalogue.refresh(path, known);
    expect(catalogue.find('a').digest).toBe(known);
    await catalogue.stop();
    expect((await folder.catalogue()).find('a').digest).toBe(known);
  });

  it('can be cancelled', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.write('big', Buffer.alloc(64 * 1024 * 1024));
    const abort = new AbortController();
    const digest = digestFile(file, abort.signal);
    await pause(20);
    abort.abort(new Error('enough'));
    await expect(digest).rejects.toThrow(/enough|aborted/);
  });
});
