import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRuntime } from '../../src/rkllm/library.ts';
import { runtimeVersions } from '../../src/rkllm/versions.ts';

const build = '27637c95 2025-05-02 17:46:07';

function banner(version: string, stamp = build): string {
  return `RKLLM SDK (version: ${version} | target: Linux | build: ${stamp})`;
}

/** A machine that has the library where distributions put it would be found first. */
const isInstalled = ['/usr/lib', '/usr/local/lib'].some((folder) =>
  existsSync(join(folder, 'librkllmrt.so')),
);

describe('the runtime library', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rkllamad-library-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function library(path: string, content: string | Buffer): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  describe('is looked for', () => {
    it('at the path that must be used, whatever else is there', async () => {
      const path = await library('mine.so', banner('1.2.3'));
      await library('home/runtime/librkllmrt.so', banner('1.3.1'));
      await expect(findRuntime({ path, home: join(folder, 'home') })).resolves.toMatchObject({
        path,
        version: '1.2.3',
      });
    });

    it('nowhere else when the path that must be used is not there', async () => {
      await library('home/runtime/librkllmrt.so', banner('1.3.1'));
      const search = findRuntime({ path: join(folder, 'gone.so'), home: join(folder, 'home') });
      await expect(search).rejects.toMatchObject({
        code: 'runtime_not_found',
        message: expect.stringContaining(join(folder, 'gone.so')),
      });
    });

    it("in the home's runtime folder before the loader's", async () => {
      await library('home/runtime/librkllmrt.so', banner('1.3.1'));
      await library('loader/librkllmrt.so', banner('1.2.0'));
      const found = await findRuntime({
        home: join(folder, 'home'),
        loaderPath: join(folder, 'loader'),
      });
      expect(found.path).toBe(join(folder, 'home/runtime/librkllmrt.so'));
    });

    it.skipIf(isInstalled)("in each of the loader's folders, in their order", async () => {
      await library('second/librkllmrt.so', banner('1.2.0'));
      await library('third/librkllmrt.so', banner('1.3.0'));
      const loaderPath = ['first', 'second', 'third'].map((name) => join(folder, name)).join(':');
      const found = await findRuntime({ home: join(folder, 'home'), loaderPath: `:${loaderPath}` });
      expect(found).toMatchObject({
        path: join(folder, 'second/librkllmrt.so'),
        version: '1.2.0',
      });
    });

    it.skipIf(isInstalled)('and, where there is none, words say where to put it', async () => {
      await expect(findRuntime({ home: join(folder, 'home') })).rejects.toMatchObject({
        code: 'runtime_not_found',
        message: expect.stringMatching(/home\/runtime\/librkllmrt\.so.*RKLLM_LIB/),
      });
    });

    it('and is not a folder of that name', async () => {
      await mkdir(join(folder, 'folder.so'));
      await expect(findRuntime({ path: join(folder, 'folder.so') })).rejects.toMatchObject({
        code: 'runtime_not_found',
      });
    });

    it('through links', async () => {
      await library('librkllmrt-1.3.0.so', banner('1.3.0'));
      const path = join(folder, 'link.so');
      await symlink(join(folder, 'librkllmrt-1.3.0.so'), path);
      await expect(findRuntime({ path })).resolves.toMatchObject({ version: '1.3.0' });
    });
  });

  describe('tells its version', () => {
    it.each(runtimeVersions)('%s', async (version) => {
      const path = await library('l.so', `\x7fELF\0\0${banner(version)}\0rest`);
      await expect(findRuntime({ path })).resolves.toEqual({
        path,
        version,
        banner: banner(version),
        simulator: false,
      });
    });

    const piece = 1 << 18;
    const text = `${banner('1.3.1')}\0`;
    it.each([
      0,
      1,
      piece - text.length,
      piece - text.length + 1,
      piece - 30,
      piece - 1,
      piece,
      piece + 1,
      piece + 150,
      2 * piece - 10,
      2 * piece,
      2 * piece + 100,
    ])('%i bytes into the file, at its end and before more', async (at) => {
      for (const after of [0, 1, 90, 200, 300, piece]) {
        const content = Buffer.concat([
          Buffer.alloc(at, 'R'),
          Buffer.from(text),
          Buffer.alloc(after),
        ]);
        const path = await library('l.so', content);
        const found = await findRuntime({ path });
        expect(found, `with ${after} bytes after`).toMatchObject({ banner: banner('1.3.1') });
      }
    });

    it('and that it is the simulator', async () => {
      const path = await library('l.so', banner('1.3.1', 'simulator 2026-11-21 00:00:00'));
      await expect(findRuntime({ path })).resolves.toMatchObject({ simulator: true });
    });
  });

  describe('is refused', () => {
    it.each(['1.0.1', '1.3.2', '1.4.0', '2.0.0b1'])(
      'when it is version %s, with the known versions and the way out',
      async (version) => {
        const path = await library('l.so', banner(version));
        const error = await findRuntime({ path }).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'runtime_unsupported' });
        expect(error).toMatchObject({ message: expect.stringContaining(`version ${version}`) });
        expect(error).toMatchObject({
          message: expect.stringContaining(runtimeVersions.join(', ')),
        });
        expect(error).toMatchObject({ message: expect.stringContaining('RKLLAMA_RUNTIME_ABI') });
      },
    );

    it.each([
      ['states no version', 'an ELF of some other kind'],
      ['is empty', ''],
      ['ends in the middle of the version', 'RKLLM SDK (version: 1.3'],
    ])('when it %s', async (_, content) => {
      const path = await library('l.so', content);
      await expect(findRuntime({ path })).rejects.toMatchObject({
        code: 'runtime_unsupported',
        message: expect.stringMatching(/does not state a version.*RKLLAMA_RUNTIME_ABI/),
      });
    });

    it('when the override is no known version, with words about the override', async () => {
      const path = await library('l.so', banner('1.3.1'));
      await expect(findRuntime({ path, abiOverride: '9.9.9' })).rejects.toMatchObject({
        code: 'runtime_unsupported',
        message: expect.stringMatching(/^RKLLAMA_RUNTIME_ABI is 9\.9\.9/),
      });
    });
  });

  it.each([
    ['that is newer than what is known', banner('1.9.0'), banner('1.9.0')],
    ['that states no version', 'nothing', null],
  ])('%s is used with the layout of the override', async (_, content, expected) => {
    const path = await library('l.so', content);
    await expect(findRuntime({ path, abiOverride: '1.3.1' })).resolves.toEqual({
      path,
      version: '1.3.1',
      banner: expected,
      simulator: false,
    });
  });
});
