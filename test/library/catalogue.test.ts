import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/library/index.ts';
import { ModelsFolder, modelBytes, namesOf, until } from './models-folder.ts';

describe.concurrent('the catalogue', () => {
  it('lists folders, namespaces and loose files by name, and moves none of them', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('loose.rkllm');
    await folder.model('folder/weights.rkllm');
    await folder.model('user/nested/weights.rkllm');
    await folder.model('folder/tokenizer/no-model.rkllm');
    await folder.model('.hidden/weights.rkllm');
    await folder.write('.hidden.rkllm', modelBytes());
    await folder.write('notes.txt', 'x');
    await folder.write('lora/adapter.rkllm', modelBytes({ kind: 'lora' }));
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 3);
    expect(catalogue.models().map(({ name, path, folder: own }) => ({ name, path, own }))).toEqual([
      { name: 'folder', path: folder.at('folder/weights.rkllm'), own: folder.at('folder') },
      { name: 'loose.rkllm', path: folder.at('loose.rkllm'), own: null },
      {
        name: 'user/nested',
        path: folder.at('user/nested/weights.rkllm'),
        own: folder.at('user/nested'),
      },
    ]);
  });

  it('does nothing before its start', async () => {
    const catalogue = new Catalogue({ folder: '/nonexistent' });
    expect(catalogue.incoming()).toEqual([]);
    await catalogue.stop();
  });

  it('lists files from long ago at once', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('old.rkllm');
    await utimes(file, 1, 1);
    expect(namesOf(await folder.catalogue({ settleMs: 60_000 }))).toEqual(['old.rkllm']);
  });

  it('says what does not fit this board, and says it anew when the board is known', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('m-rk3576.rkllm', { platform: 'RK3576' });
    await utimes(file, 1, 1);
    let platform: string | null = null;
    const catalogue = await folder.catalogue({ board: () => ({ platform }) });
    expect(catalogue.find('m-rk3576').problem).toBeNull();
    platform = 'RK3588';
    await catalogue.refresh();
    expect(catalogue.find('m-rk3576').problem).toMatch(/for RK3576, this board is RK3588/);
  });

  it('prefers, in a folder with several files, the one that this board can run', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('m/a-rk3576.rkllm', { platform: 'RK3576' }), 1, 1);
    await utimes(await folder.model('m/b-rk3588.rkllm'), 1, 1);
    const catalogue = await folder.catalogue({ board: () => ({ platform: 'RK3588' }) });
    expect(catalogue.find('m').path).toBe(folder.at('m/b-rk3588.rkllm'));
  });

  it('names the vision encoder and the LoRA files beside a model', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('vl/model.rkllm');
    await folder.write('vl/vision.rknn', 'x');
    await folder.model('vl/style.rkllm', { kind: 'lora' });
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 1 && catalogue.incoming().length === 0);
    const { visionEncoder, loras } = catalogue.find('vl').inspection;
    expect({ visionEncoder, loras }).toEqual({
      visionEncoder: folder.at('vl/vision.rknn'),
      loras: [folder.at('vl/style.rkllm')],
    });
  });

  it('learns from the name of the folder what the file does not tell', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(
      await folder.model('Foo-1.5B-rk3576-w4a16/model.rkllm', { platform: 'RK3576' }),
      1,
      1,
    );
    const { inspection } = (await folder.catalogue()).find('foo:1.5b');
    expect(inspection).toMatchObject({
      platform: 'RK3576',
      quantization: 'w4a16',
      parameterSize: '1.5B',
    });
  });

  it('can be started again after it was stopped', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    await catalogue.stop();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    await catalogue.start();
    expect(namesOf(catalogue)).toEqual(['a.rkllm']);
    await utimes(await folder.model('b.rkllm'), 1, 1);
    await until(() => namesOf(catalogue).length === 2);
  });

  it('keeps the same model objects until something changes', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await until(() => catalogue.find('a').digest !== null);
    const before = catalogue.find('a');
    await catalogue.refresh();
    expect(catalogue.find('a')).toBe(before);
    expect(Object.isFrozen(before)).toBe(true);
  });
});

describe.concurrent('links in the models folder', () => {
  it('to a folder and to a file are models, and follow their targets', async () => {
    await using folder = await ModelsFolder.create();
    await mkdir(`${folder.home}/disk/m`, { recursive: true });
    await writeFile(`${folder.home}/disk/m/model.rkllm`, modelBytes());
    await symlink(`${folder.home}/disk/m`, folder.at('linked'));
    await symlink(`${folder.home}/disk/m/model.rkllm`, folder.at('file.rkllm'));
    const catalogue = await folder.catalogue();
    await until(() => namesOf(catalogue).join() === 'file.rkllm,linked');
    await rm(`${folder.home}/disk/m`, { recursive: true });
    await catalogue.refresh();
    expect(namesOf(catalogue)).toEqual([]);
  });

  it('show what changes at their other end', async () => {
    await using folder = await ModelsFolder.create();
    const target = `${folder.home}/disk`;
    await mkdir(target);
    await symlink(target, folder.at('linked'));
    const catalogue = await folder.catalogue();
    await writeFile(`${target}/model.rkllm`, modelBytes());
    await until(() => namesOf(catalogue).join() === 'linked');
    await rm(`${target}/model.rkllm`);
    await until(() => namesOf(catalogue).length === 0);
  });

  it('that dangle or lead in circles are passed over', async () => {
    await using folder = await ModelsFolder.create();
    await symlink('/nowhere/at/all', folder.at('dangling.rkllm'));
    await symlink(folder.path, folder.at('circle'));
    await symlink('/', folder.at('everything'));
    await mkdir(folder.at('user'));
    await symlink('..', folder.at('user/up'));
    await symlink('loop', folder.at('loop'));
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    expect(namesOf(catalogue)).toEqual(['a.rkllm']);
  });
});

describe('a name that no model can have', () => {
  it('is logged once, in a form that can be read', async () => {
    await using folder = await ModelsFolder.create();
    const bytes = (...parts: (string | number)[]) =>
      Buffer.concat([
        Buffer.from(`${folder.path}/`),
        ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
      ]);
    await folder.model('two\nlines.rkllm');
    await folder.model('back\\slash/model.rkllm');
    await folder.model('user/back\\slash/model.rkllm');
    await folder.model('good/model.rkllm');
    await writeFile(bytes('latin', 0xe9, '.rkllm'), modelBytes());
    await writeFile(bytes('good/latin', 0xe9, '.rkllm'), modelBytes());
    await mkdir(bytes('user/latin', 0xe9));
    await folder.write('no\nmodel.txt', '');
    await folder.write('.hidden.rkllm', '');
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, warn: (_: object, words: string) => warnings.push(words) };
    const catalogue = await folder.catalogue({ log });
    await catalogue.refresh();
    const line = (name: string, flaw: string) =>
      `"${folder.path}/${name}" is not listed as a model. Rename it: its name cannot be used, because ${flaw}`;
    expect(warnings.sort()).toEqual(
      [
        line('two\\nlines.rkllm', 'it contains a control character'),
        line('back\\\\slash', 'it contains a backslash'),
        line('user/back\\\\slash', 'it contains a backslash'),
        line('latin\uFFFD.rkllm', 'it is not valid UTF-8'),
        line('good/latin\uFFFD.rkllm', 'it is not valid UTF-8'),
        line('user/latin\uFFFD', 'it is not valid UTF-8'),
      ].sort(),
    );
    await until(() => namesOf(catalogue).join() === 'good');
  });
});

// A folder that nobody may read cannot be made by root, who may read everything.
describe.skipIf(process.getuid?.() === 0)('an unreadable', () => {
  it('folder is passed over and logged once; a file is listed with the reason', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('secret/model.rkllm');
    const file = await folder.model('file.rkllm');
    await utimes(file, 1, 1);
    await Promise.all([chmod(folder.at('secret'), 0o000), chmod(file, 0o000)]);
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, warn: (_: object, words: string) => warnings.push(words) };
    const catalogue = await folder.catalogue({ log });
    expect(namesOf(catalogue)).toEqual(['file.rkllm']);
    expect(catalogue.find('file').problem).toMatch(/^The file cannot be read: EACCES/);
    await catalogue.refresh();
    expect(warnings.filter((words) => /unreadable/.test(words))).toHaveLength(1);
    await Promise.all([chmod(folder.at('secret'), 0o755), chmod(file, 0o644)]);
    await catalogue.refresh();
    await until(() => namesOf(catalogue).length === 2);
    expect(catalogue.find('file').problem).toBeNull();
  });
});
