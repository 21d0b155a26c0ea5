import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from '../../src/access/index.ts';

let folder: string;
let path: string;
let log: {
  told: string[];
  info: (...words: unknown[]) => void;
  error: (...words: unknown[]) => void;
};
let now: Date;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-keys-'));
  path = join(folder, 'state', 'keys.json');
  const told: string[] = [];
  const tell = (...words: unknown[]) => void told.push(JSON.stringify(words));
  log = { told, info: tell, error: tell };
  now = new Date('2026-11-21T09:42:17.123Z');
});
let opened: ApiKeys[] = [];
afterEach(async () => {
  for (const keys of opened) await keys.settled();
  opened = [];
  await rm(folder, { recursive: true, force: true });
});

async function load(): Promise<ApiKeys> {
  const keys = new ApiKeys(path, log, () => now);
  opened.push(keys);
  await keys.load();
  return keys;
}
const stored = async () => JSON.parse(await readFile(path, 'utf8'));

describe('a board without keys', () => {
  it('asks for none, and makes no file', async () => {
    const keys = await load();
    expect(keys.required).toBe(false);
    expect(keys.list()).toEqual([]);
    expect(keys.identify('rk-whatever')).toBeNull();
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });
});

describe('a new key', () => {
  it('opens the board from then on, for itself and after a restart', async () => {
    const keys = await load();
    const { key, secret } = await keys.add('home-assistant', 'inference');
    for (const each of [keys, await load()]) {
      expect(each.required).toBe(true);
      expect(each.identify(secret)).toMatchObject({ id: key.id, scope: 'inference' });
      expect(each.identify(`${secret}x`)).toBeNull();
      expect(each.identify(secret.slice(0, -1))).toBeNull();
      expect(each.identify('')).toBeNull();
    }
  });

  it('has 192 random bits, and is never the same', async () => {
    const keys = await load();
    const secrets = [];
    for (const name of ['a', 'b', 'c']) secrets.push((await keys.add(name, 'admin')).secret);
    for (const secret of secrets) {
      expect(secret).toMatch(/^rk-[0-9a-f]{48}$/);
    }
    expect(new Set(secrets).size).toBe(3);
  });

  it('is on disk as a hash that only the owner can read, and not in the log', async () => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'admin');
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(3, 15));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'state'))).toEqual(['keys.json']);
    expect(JSON.stringify(keys.list())).not.toMatch(/sha256|[0-9a-f]{64}/);
    expect(log.told.join()).toContain('phone');
    expect(log.told.join()).not.toContain(secret.slice(3));
  });

  it.each([[''], [' a'], ['-a'], ['a\nb'], ['a/b'], ['ü'], ['a'.repeat(65)], ['__proto__\0']])(
    'is not made with the name %j',
    async (name) => {
      const keys = await load();
      await expect(keys.add(name, 'admin')).rejects.toMatchObject({ code: 'invalid_request' });
      expect(keys.required).toBe(false);
    },
  );

  it('needs a name of its own', async () => {
    const keys = await load();
    await keys.add('phone', 'inference');
    await expect(keys.add('phone', 'admin')).rejects.toThrow(/already/);
  });

  it('survives others that are made at the same time', async () => {
    const keys = await load();
    const names = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    await Promise.all(names.map((name) => keys.add(name, 'inference')));
    expect((await load()).list().map(({ name }) => name)).toEqual(names);
  });
});

describe('a change that cannot be written', () => {
  it('is told in words, and is none', async () => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'inference');
    await mkdir(`${path}.tmp`);
    const words = expect.stringMatching(/keys could not be written to .*keys\.json, so nothing/);
    const failure = { code: 'internal_error', message: words };
    await expect(keys.add('laptop', 'admin')).rejects.toMatchObject(failure);
    await expect(keys.revoke('phone')).rejects.toMatchObject(failure);
    expect(keys.list().map(({ name }) => name)).toEqual(['phone']);
    expect(keys.identify(secret)).not.toBeNull();
    await rmdir(`${path}.tmp`);
    await keys.revoke('phone');
    expect(keys.identify(secret)).toBeNull();
  });
});

describe('a revoked key', () => {
  it.each(['id', 'name'] as const)('by its %s opens nothing any more', async (by) => {
    const keys = await load();
    const { key, secret } = await keys.add('phone', 'inference');
    await keys.add('tablet', 'inference');
    expect(await keys.revoke(key[by])).toMatchObject({ name: 'phone' });
    expect(keys.identify(secret)).toBeNull();
    expect((await load()).identify(secret)).toBeNull();
    expect(keys.list().map(({ name }) => name)).toEqual(['tablet']);
  });

  it('leaves the board closed when it was the last', async () => {
    const keys = await load();
    await keys.add('phone', 'inference');
    await keys.revoke('phone');
    expect(keys.required).toBe(true);
    expect((await load()).required).toBe(true);
  });

  it('is not there to be revoked again', async () => {
    const keys = await load();
    await expect(keys.revoke('phone')).rejects.toMatchObject({ code: 'key_not_found' });
  });
});

describe('the last use of a key', () => {
  it('is told to the hour, and written once in it', async () => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'inference');
    expect((await stored()).keys[0].last_used_at).toBeNull();
    keys.identify(secret);
    await keys.settled();
    expect((await stored()).keys[0].last_used_at).toBe('2026-11-21T09:00:00.000Z');

    await rm(path);
    now = new Date('2026-11-21T09:59:59Z');
    keys.identify(secret);
    await keys.settled();
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });

  it('is written anew in another hour', async () => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'inference');
    keys.identify(secret);
    now = new Date('2026-11-21T10:00:00Z');
    keys.identify(secret);
    await keys.settled();
    const expected = new Date('2026-11-21T10:00:00Z');
    expect((await load()).list()[0]?.lastUsedAt).toEqual(expected);
    expect(keys.list()[0]?.lastUsedAt).toEqual(expected);
  });

  it('brings back no key that somebody else has revoked meanwhile', async () => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'inference');
    await (await load()).revoke('phone');
    keys.identify(secret);
    await keys.settled();
    expect((await stored()).keys).toEqual([]);
    expect(keys.identify(secret)).toBeNull();
  });
});

describe('keys.json', () => {
  it('is read again when told to', async () => {
    const keys = await load();
    const { secret } = await (await load()).add('phone', 'inference');
    expect(keys.identify(secret)).toBeNull();
    await keys.load();
    expect(keys.identify(secret)).toMatchObject({ name: 'phone' });
  });

  it('opens the board again when its owner removes it', async () => {
    const keys = await load();
    await keys.add('phone', 'inference');
    await rm(path);
    await keys.load();
    expect(keys.required).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"version":1,"keys":[{"id":"key_secretpart"'],
    ['another version', '{"version":2,"keys":[]}'],
    ['no list', '{"version":1,"keys":{}}'],
    ['a key in the clear', '{"version":1,"keys":[{"id":"a","name":"a","key":"rk-secretpart"}]}'],
  ])('with %s in it closes the board, and is told without its content', async (_what, content) => {
    const keys = await load();
    const { secret } = await keys.add('phone', 'inference');
    await writeFile(path, content);
    await keys.load();
    expect(keys.required).toBe(true);
    expect(keys.identify(secret)).toBeNull();
    expect(log.told.at(-1)).toMatch(/cannot be read/);
    expect(log.told.join()).not.toContain('secretpart');
    await expect(keys.add('tablet', 'inference')).rejects.toThrow(/cannot be read/);
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  it('is whole again although a power cut left a half-written copy', async () => {
    const keys = await load();
    await keys.add('phone', 'inference');
    await writeFile(`${path}.tmp`, '{"version":1,"ke', { mode: 0o666 });
    await (await load()).add('tablet', 'inference');
    expect((await load()).list()).toHaveLength(2);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
