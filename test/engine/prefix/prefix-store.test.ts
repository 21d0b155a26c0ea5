import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Costs } from '../../../src/engine/prefix/costs.ts';
import type { PrefixEntry, Scope } from '../../../src/engine/prefix/entry.ts';
import { PrefixStore } from '../../../src/engine/prefix/index.ts';
import { silent } from './board.ts';

let home: string;
let folder: string;
let scope: Scope;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rkllamad-store-'));
  folder = join(home, 'cache');
  const model = join(home, 'm.rkllm');
  await writeFile(model, 'a model');
  scope = { model, identity: 'one', contextLength: 2048, lora: null };
  return () => rm(home, { recursive: true, force: true });
});

const ids = (...values: number[]) => Int32Array.from(values);

async function open(budgetBytes: number | null = 1e9): Promise<PrefixStore> {
  const store = new PrefixStore({ folder, budgetBytes, log: silent });
  expect(await store.open()).toBe(true);
  return store;
}

/** As the runtime would save it. */
async function save(
  store: PrefixStore,
  tokens: Int32Array<ArrayBuffer>,
  content: string | Buffer = `cache of ${tokens}`,
): Promise<PrefixEntry> {
  const part = await store.begin(scope, content.length, new Costs());
  if (part === null) throw new Error('no room');
  await writeFile(part, content);
  return store.commit(part, { ...scope, ids: tokens, shared: false }, new Costs());
}

/** What the store knows after a restart. */
async function again(): Promise<{ store: PrefixStore; found: PrefixEntry[] }> {
  const store = await open();
  const found = [...store.matches(scope, ids(1, 2, 3))].map(({ entry }) => entry);
  return { store, found };
}

describe('PrefixStore', () => {
  it('finds after a restart what was saved', async () => {
    const first = await open();
    await save(first, ids(1, 2, 3, 4));
    await first.close();
    const { store, found } = await again();
    expect(found).toMatchObject([{ ids: ids(1, 2, 3, 4), ...scope }]);
    const [entry] = found;
    if (!entry) throw new Error('nothing was found');
    expect(await store.check(entry)).toBe(true);
    expect(await readFile(store.pathOf(entry), 'utf8')).toBe('cache of 1,2,3,4');
    await store.close();
  });

  it('is nobody else’s to read', async () => {
    const store = await open();
    const entry = await save(store, ids(1));
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(store.pathOf(entry))).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it.each<[string, Partial<Scope>]>([
    ['identity', { identity: 'other' }],
    ['context length', { contextLength: 4096 }],
    ['adapter', { lora: 'style' }],
    ['model', { model: '/other.rkllm' }],
  ])('does not find it with another %s', async (_, change) => {
    const store = await open();
    await save(store, ids(1, 2, 3));
    expect([...store.matches({ ...scope, ...change }, ids(1, 2, 3))]).toEqual([]);
    expect([...store.matches(scope, ids(1, 2, 3))]).toHaveLength(1);
    await store.close();
  });

  it('keeps one file of a conversation that goes on, and what begins another one', async () => {
    const store = await open();
    await save(store, ids(1, 2));
    const shared = await save(store, ids(1, 2, 3));
    expect(store.stats().entries).toBe(1);
    await store.share(shared);
    await save(store, ids(1, 2, 3, 4));
    expect(store.stats().entries).toBe(2);
    await save(store, ids(1, 9));
    expect(store.stats().entries).toBe(3);
    await store.close();
  });

  it('gives up the least recently used first, and what is shared last', async () => {
    const store = await open(350);
    const content = Buffer.alloc(100);
    const [a, b, c] = [
      await save(store, ids(1), content),
      await save(store, ids(2), content),
      await save(store, ids(3), content),
    ];
    await store.share(a);
    await store.used(b);
    await save(store, ids(4), content);
    const kept = (entry: PrefixEntry) => [...store.matches(scope, entry.ids)].length === 1;
    expect([a, b, c].map(kept)).toEqual([true, true, false]);
    await store.close();
  });

  it('gives up at the start what a smaller budget has no room for', async () => {
    const first = await open(1000);
    for (const id of [1, 2, 3]) await save(first, ids(id), Buffer.alloc(100));
    await first.close();
    const store = await open(250);
    expect(store.stats()).toMatchObject({ entries: 2, bytes: 200 });
    expect([...store.matches(scope, ids(1))]).toEqual([]);
    await store.close();
  });

  it('takes nothing that is too large for its budget', async () => {
    const store = await open(1000);
    await save(store, ids(1), Buffer.alloc(600));
    expect(await store.begin(scope, 1001, new Costs())).toBeNull();
    expect(store.stats()).toMatchObject({ entries: 1, bytes: 600 });
    // It turned out to be larger than it looked.
    const part = await store.begin(scope, 10, new Costs());
    await writeFile(part ?? '', Buffer.alloc(5000));
    await store.commit(part ?? '', { ...scope, ids: ids(2), shared: false }, new Costs());
    expect(store.stats().bytes).toBeLessThanOrEqual(1000);
    await store.close();
  });

  it('takes no empty file, and none that is not there', async () => {
    const store = await open();
    await expect(save(store, ids(1), '')).rejects.toThrow('empty');
    const missing = store.commit(
      join(folder, 'x.part'),
      { ...scope, ids: ids(1), shared: false },
      new Costs(),
    );
    await expect(missing).rejects.toThrow('ENOENT');
    expect(store.stats().entries).toBe(0);
    await store.close();
  });

  it('holds up nobody with what it cannot delete or write', async () => {
    const store = await open();
    const entry = await save(store, ids(1));
    const model = dirname(store.pathOf(entry));
    await expect(store.discard(model)).resolves.toBeUndefined();
    await mkdir(join(model, 'costs'));
    await expect(store.keepCosts(scope, new Costs())).resolves.toBeUndefined();
    await store.close();
  });

  it('writes no more once another daemon has taken the folder', async () => {
    const store = await open();
    await writeFile(join(folder, 'lock'), '{}');
    expect(await store.begin(scope, 10, new Costs())).toBeNull();
    expect(store.stats().off).toMatch('another daemon');
    await store.close();
    expect(await readdir(folder)).toContain('lock');
  });
});

describe('what a power cut or a hand may leave', () => {
  async function saved(): Promise<{ kv: string; record: string }> {
    const store = await open();
    const entry = await save(store, ids(1, 2, 3, 4));
    await store.close();
    const kv = store.pathOf(entry);
    return { kv, record: kv.replace(/kv$/, 'json') };
  }

  it.each<[string, (files: { kv: string; record: string }) => Promise<unknown>]>([
    ['a file without a record', ({ record }) => rm(record)],
    ['a record without a file', ({ kv }) => rm(kv)],
    ['a file that is cut off', ({ kv }) => truncate(kv, 3)],
    ['a record that is cut off', ({ record }) => truncate(record, 200)],
    ['an empty record', ({ record }) => truncate(record, 0)],
    [
      'a record with other tokens',
      async ({ record }) =>
        writeFile(record, (await readFile(record, 'utf8')).replace('"AQAAAA', '"AgAAAA')),
    ],
    ['a model that is gone', () => rm(join(home, 'm.rkllm'))],
  ])('is not found and deleted: %s', async (_, damage) => {
    const files = await saved();
    await damage(files);
    const { store, found } = await again();
    expect(found).toEqual([]);
    await store.close();
    const left = (await readdir(folder, { recursive: true })).filter((name) => /\./.test(name));
    expect(left).toEqual([]);
  });

  it('is found out when it is used first: a file with another content of the same length', async () => {
    const { kv } = await saved();
    await writeFile(kv, 'cache of 9,9,9,9');
    const { store, found } = await again();
    const [entry] = found;
    if (!entry) throw new Error('nothing was found');
    expect(await store.check(entry)).toBe(false);
    expect(store.stats().entries).toBe(0);
    await expect(stat(kv)).rejects.toThrow('ENOENT');
    await store.close();
  });

  it('is deleted: what was being written', async () => {
    const { kv } = await saved();
    const model = dirname(kv);
    const id = '00000000-0000-4000-8000-000000000000';
    for (const name of [`${id}.part`, `${id}.kv`, `${id}.json.tmp`]) {
      await writeFile(join(model, name), 'torn');
    }
    const { store, found } = await again();
    expect(found).toHaveLength(1);
    await store.close();
    expect((await readdir(model)).sort()).toHaveLength(2);
  });

  it('stays: files that are somebody else’s', async () => {
    const { kv } = await saved();
    await mkdir(join(folder, 'photos'));
    const foreign = [
      join(folder, 'notes.json'),
      join(folder, 'photos', 'a.kv'),
      join(dirname(kv), 'mine.kv'),
    ];
    for (const path of foreign) await writeFile(path, 'mine');
    const { store, found } = await again();
    expect(found).toHaveLength(1);
    await store.close();
    for (const path of foreign) expect(await readFile(path, 'utf8')).toBe('mine');
  });
});
