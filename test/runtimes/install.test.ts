import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syncFolder, writeDurably } from '../../src/library/index.ts';
import { findRuntime } from '../../src/rkllm/index.ts';
import { digestsOf } from '../../src/runtimes/digest.ts';
import {
  installFile,
  installRelease,
  type Release,
  RuntimeStore,
} from '../../src/runtimes/index.ts';
import { library } from './libraries.ts';
import { repository, serve } from './repository.ts';

const content = library('1.3.1');
const release: Release = {
  version: '1.3.1',
  commit: 'c0ffee',
  path: 'rkllm-runtime/Linux/librkllmrt.so',
  digests: { sha256: digestsOf(content).sha256 },
};
const url = `/raw/${release.commit}/${release.path}`;

let home: string;
let store: RuntimeStore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rkllamad-runtimes-'));
  store = new RuntimeStore(home, { writeDurably, syncFolder });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const installed = () => join(home, 'runtime/1.3.1/librkllmrt.so');
const install = (endpoint: string, more: object = {}) =>
  installRelease(release, { store, arch: 'arm64', endpoint, ...more });

describe('a release', () => {
  it('is fetched, proven and put beside the others, for every user to read', async () => {
    const endpoint = `${await repository({ [url]: content })}/raw`;
    const pieces: (number | null)[][] = [];
    const result = await install(endpoint, {
      onProgress: (received: number, size: number | null) => pieces.push([received, size]),
    });
    expect(result).toEqual({
      version: '1.3.1',
      path: installed(),
      verifiedBy: ['sha256'],
      simulator: false,
    });
    expect(await readFile(installed())).toEqual(content);
    expect((await stat(installed())).mode & 0o777).toBe(0o644);
    expect(await readdir(join(home, 'runtime/1.3.1'))).toEqual(['librkllmrt.so']);
    expect(pieces.at(-1)).toEqual([content.length, content.length]);
  });

  it('is fetched through a redirect of the same host', async () => {
    const endpoint = await serve((request, response) => {
      if (request.url === '/there') response.end(content);
      else response.writeHead(302, { location: '/there' }).end();
    });
    expect((await install(endpoint)).path).toBe(installed());
  });

  const nothingWritten = () => expect(existsSync(join(home, 'runtime'))).toBe(false);

  it.each<[string, Buffer, RegExp]>([
    ['is another file', library('1.3.1', { banner: 'tampered' }), /SHA-256 is .*was published/],
    ['came in part', content.subarray(0, 1000), /SHA-256 is .*was published/],
    ['is a page of some proxy', Buffer.from('<html>log in'), /SHA-256 is .*was published/],
  ])('is not installed when what came %s', async (_, served, words) => {
    const endpoint = `${await repository({ [url]: served })}/raw`;
    await expect(install(endpoint)).rejects.toMatchObject({
      code: 'runtime_unsupported',
      message: expect.stringMatching(words),
    });
    nothingWritten();
  });

  it('is not installed on another machine than a board, and not even fetched', async () => {
    let asked = 0;
    const endpoint = await serve((_, response) => {
      asked += 1;
      response.end(content);
    });
    await expect(install(endpoint, { arch: 'x64' })).rejects.toMatchObject({
      code: 'runtime_unsupported',
      message: expect.stringMatching(/arm64.*x64/),
    });
    expect(asked).toBe(0);
  });

  it.each<[string, number, string, RegExp]>([
    ['is not there', 404, '', /answered 404.*--file/],
    ['leads to a foreign host', 302, 'http://mirror.example/x', /mirror\.example.*foreign/],
    ['leads to a host that merely ends alike', 302, 'http://evilgithub.com/x', /foreign/],
    ['leads in circles', 302, '/again', /redirected more than 5 times/],
  ])('that %s fails with words', async (_, status, location, words) => {
    const endpoint = await serve((__, response) => {
      response.writeHead(status, { location }).end();
    });
    await expect(install(endpoint)).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(words),
    });
    nothingWritten();
  });

  it('whose host sends it on without encryption is refused, even to its own files', async () => {
    const plain = 'http://raw.githubusercontent.com/x';
    const { checkHost } = await import('../../src/runtimes/download.ts');
    const from = new URL('https://github.com/airockchip/rknn-llm/raw');
    expect(() => checkHost(new URL(plain), from)).toThrow(/not encrypted/);
    expect(() => checkHost(new URL(plain.replace('http:', 'https:')), from)).not.toThrow();
  });

  it('whose host falls silent is given up', async () => {
    const endpoint = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100));
    });
    await expect(install(endpoint, { inactivityMs: 200 })).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/silent/),
    });
    nothingWritten();
  });

  it('may take long, as long as something comes', async () => {
    const endpoint = await serve(async (_, response) => {
      for (let start = 0; start < content.length; start += 700) {
        response.write(content.subarray(start, start + 700));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      response.end();
    });
    expect((await install(endpoint, { inactivityMs: 400 })).path).toBe(installed());
  });

  it('whose host cuts the connection fails', async () => {
    const endpoint = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100), () => response.destroy());
    });
    await expect(install(endpoint)).rejects.toMatchObject({ code: 'pull_failed' });
    nothingWritten();
  });

  it('ends at once when the user stops it', async () => {
    const controller = new AbortController();
    const endpoint = await serve(() => controller.abort());
    await expect(install(endpoint, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('takes the place of a broken file', async () => {
    const endpoint = `${await repository({ [url]: content })}/raw`;
    await store.install('1.3.1', Buffer.from('broken'));
    await install(endpoint);
    expect(await readFile(installed())).toEqual(content);
  });
});

describe('a file', () => {
  const releases = [release];
  const fromFile = (file: Buffer, more: { unverified?: boolean; arch?: string } = {}) =>
    installFile(file, { store, arch: 'arm64', releases, unverified: false, ...more });

  it('that Rockchip published is known again, and needs no name', async () => {
    expect(await fromFile(content)).toMatchObject({ version: '1.3.1', verifiedBy: ['sha256'] });
    expect(await readFile(installed())).toEqual(content);
  });

  it('that nobody vouches for is refused, with its digest and the way out', async () => {
    const changed = Buffer.concat([content, Buffer.from('x')]);
    await expect(fromFile(changed)).rejects.toMatchObject({
      code: 'runtime_unsupported',
      message: expect.stringMatching(
        new RegExp(
          `says that it is version 1.3.1, but.*${digestsOf(changed).sha256}.*--unverified`,
        ),
      ),
    });
  });

  it('that nobody vouches for is taken when the user does', async () => {
    const result = await fromFile(library('1.2.3'), { unverified: true });
    expect(result).toMatchObject({ version: '1.2.3', verifiedBy: [] });
  });

  it('that is the simulator says so', async () => {
    const banner =
      'RKLLM SDK (version: 1.3.0 | target: Linux | build: simulator 2026-11-21 00:00:00)';
    const result = await fromFile(library('1.3.0', { banner, arch: 'x64' }), {
      unverified: true,
      arch: 'x64',
    });
    expect(result.simulator).toBe(true);
  });

  it.each<[string, Buffer, RegExp]>([
    ['is for another processor', library('1.2.3', { arch: 'x64' }), /another processor.*arm64/],
    ['is a program', library('1.2.3', { type: 2 }), /a program/],
    ['is of 32 bits', library('1.2.3', { bits: 1 }), /not a 64-bit/],
    ['is a text', Buffer.from('#!/bin/sh'), /no library/],
    ['is empty', Buffer.alloc(0), /no library/],
    ['states no version', library('', { banner: 'OpenSSL 3.0' }), /states no version/],
    ['is of a version that is not known', library('9.9.9'), /9\.9\.9.*not known/],
  ])('that %s is refused whatever the user says', async (_, file, words) => {
    await expect(fromFile(file, { unverified: true })).rejects.toMatchObject({
      code: 'runtime_unsupported',
      message: expect.stringMatching(words),
    });
    expect(existsSync(join(home, 'runtime'))).toBe(false);
  });
});

describe('the selected runtime', () => {
  it('is what is found, before a loose file', async () => {
    await store.install('1.2.3', library('1.2.3'));
    await store.install('1.3.1', content);
    await store.select({ version: '1.2.3', automatic: false });
    expect(await findRuntime({ home })).toMatchObject({ version: '1.2.3' });
    await store.select({ version: '1.3.1', automatic: true });
    expect(await findRuntime({ home })).toMatchObject({ version: '1.3.1', path: installed() });
    expect(await store.selection()).toEqual({ version: '1.3.1', automatic: true });
  });

  it('is used by its name when the file itself states no version', async () => {
    await store.install('1.1.0', library('', { banner: 'rknn llm' }));
    await store.select({ version: '1.1.0', automatic: false });
    expect(await findRuntime({ home })).toMatchObject({ version: '1.1.0', banner: null });
  });

  it('yields to a library that is named', async () => {
    await store.install('1.2.3', library('1.2.3'));
    await store.select({ version: '1.2.3', automatic: false });
    await store.install('1.3.1', content);
    expect(await findRuntime({ home, path: installed() })).toMatchObject({ version: '1.3.1' });
  });

  it('is missed, not replaced, when its file is gone', async () => {
    await store.install('1.3.1', content);
    await store.select({ version: '1.2.3', automatic: false });
    await expect(findRuntime({ home })).rejects.toMatchObject({
      code: 'runtime_not_found',
      message: expect.stringMatching(/1\.2\.3 is selected.*runtime install 1\.2\.3.*use auto/),
    });
  });

  it('is told as unreadable when the note of it is', async () => {
    await store.install('1.3.1', content);
    await writeDurably(join(home, 'runtime/selected'), '../../etc/passwd\n');
    await expect(findRuntime({ home })).rejects.toMatchObject({
      code: 'runtime_not_found',
      message: expect.stringMatching(/names no version.*use auto/),
    });
  });
});

describe.runIf(process.getuid?.() === 0)('what root puts into the folder of a service', () => {
  const service = 65_534;
  let others: string;
  beforeEach(async () => {
    others = await mkdtemp(join(tmpdir(), 'rkllamad-root-'));
    await writeFile(join(others, 'selected'), 'of root', { mode: 0o600 });
    for (const folder of [home, others]) await chmod(folder, 0o755);
    await chown(home, service, service);
  });
  afterEach(() => rm(others, { recursive: true, force: true }));

  it('is the service’s', async () => {
    await store.install('1.3.1', content);
    await store.select({ version: '1.3.1', automatic: true });
    for (const path of ['runtime', 'runtime/1.3.1', 'runtime/selected', installed()]) {
      expect(await stat(path === installed() ? path : join(home, path)), path).toMatchObject({
        uid: service,
        gid: service,
      });
    }
    expect(process.geteuid?.()).toBe(0);
  });

  it('does not follow a link of the service’s to what is root’s', async () => {
    const target = join(others, 'new');
    await mkdir(join(home, 'runtime/1.3.1'), { recursive: true });
    await symlink(target, `${installed()}.tmp`);
    for (const folder of ['runtime', 'runtime/1.3.1']) {
      await chown(join(home, folder), service, service);
    }
    await expect(store.install('1.3.1', content)).rejects.toMatchObject({ code: 'EACCES' });
    expect(existsSync(target)).toBe(false);
    await rm(join(home, 'runtime'), { recursive: true });
    await symlink(others, join(home, 'runtime'));
    const selection = { version: '1.3.1', automatic: true } as const;
    await expect(store.select(selection)).rejects.toMatchObject({ code: 'EACCES' });
    expect(await readFile(join(others, 'selected'), 'utf8')).toBe('of root');
    expect(process.geteuid?.()).toBe(0);
  });
});

describe('the installed runtimes', () => {
  it('are listed oldest first, without what is none', async () => {
    await store.install('1.3.1', content);
    await store.install('1.2.0', library('1.2.0'));
    await writeDurably(join(home, 'runtime/librkllmrt.so'), library('1.1.4'));
    expect((await store.installed()).map(({ version }) => version)).toEqual(['1.2.0', '1.3.1']);
  });

  it('tell of a file that is another version than its folder says', async () => {
    await store.install('1.2.0', library('1.3.1'));
    expect(await store.installed()).toMatchObject([{ version: '1.2.0', library: null }]);
  });

  it('are none where there is no folder', async () => {
    expect(await store.installed()).toEqual([]);
    expect(await store.selection()).toBeNull();
  });
});
