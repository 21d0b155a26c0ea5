import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/library/index.ts';
import { ModelsFolder, modelBytes, namesOf } from './models-folder.ts';

/** A catalogue of whole files, ready at once. */
async function shelf(
  folder: ModelsFolder,
  files: Record<string, string | null>,
): Promise<Catalogue> {
  for (const [path, content] of Object.entries(files)) {
    await utimes(await folder.write(path, content ?? modelBytes()), 1, 1);
  }
  return folder.catalogue();
}

/** What is left, without the daemon's own hidden files. */
async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== '.rkllamad').sort();
}

describe.concurrent('deleting a model', () => {
  it('takes its whole folder and leaves the others', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, {
      'a/model.rkllm': null,
      'a/Modelfile': 'FROM=model.rkllm',
      'a/tokenizer/tokenizer.json': '{}',
      'b/model.rkllm': null,
    });
    const removed = await catalogue.remove('a');
    expect(removed.name).toBe('a');
    expect(namesOf(catalogue)).toEqual(['b']);
    expect(await leftIn(folder.path)).toEqual(['b']);
  });

  it('takes a loose file, by any of its names', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a.rkllm': null, 'b.rkllm': null });
    await catalogue.remove('a:latest');
    expect(await leftIn(folder.path)).toEqual(['b.rkllm']);
  });

  it('takes the vision encoder of a loose file with it', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'vl.rkllm': null, 'vl.rknn': 'x', 'other.rknn': 'x' });
    expect(catalogue.find('vl').inspection.visionEncoder).toBe(folder.at('vl.rknn'));
    await catalogue.remove('vl');
    expect(await leftIn(folder.path)).toEqual(['other.rknn']);
  });

  it('takes a namespace with its last model', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'user/a/m.rkllm': null, 'user/b/m.rkllm': null });
    await catalogue.remove('user/a');
    expect(await leftIn(folder.path)).toEqual(['user']);
    await catalogue.remove('user/b');
    expect(await leftIn(folder.path)).toEqual([]);
  });

  it('unloads it first, and from then on it is not found', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a/model.rkllm': null });
    const path = folder.at('a/model.rkllm');
    const seen: unknown[] = [];
    const unload = async ({ name }: { name: string }) => {
      seen.push(name, existsSync(path), namesOf(catalogue));
      await expect(catalogue.remove('a')).rejects.toMatchObject({ code: 'model_not_found' });
    };
    await catalogue.remove('a', { unload });
    expect(seen).toEqual(['a', true, []]);
  });

  it('keeps it when it cannot be unloaded', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a/model.rkllm': null });
    const unload = () => Promise.reject(new Error('busy'));
    await expect(catalogue.remove('a', { unload })).rejects.toThrow('busy');
    expect(namesOf(catalogue)).toEqual(['a']);
    expect(existsSync(folder.at('a/model.rkllm'))).toBe(true);
  });

  it.each([
    ['', 'invalid_request'],
    [' ', 'invalid_request'],
    ['.', 'invalid_request'],
    ['..', 'invalid_request'],
    ['../models', 'invalid_request'],
    ['/', 'invalid_request'],
    ['user', 'model_not_found'],
    ['nothing', 'model_not_found'],
    ['same', 'model_ambiguous'],
  ])('deletes nothing for the name %j', async (name, code) => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, {
      'user/same/m.rkllm': null,
      'other/same/m.rkllm': null,
    });
    await expect(catalogue.remove(name)).rejects.toMatchObject({ code });
    expect(await leftIn(folder.path)).toEqual(['other', 'user']);
  });

  it('is refused while a derived model needs its file or settings', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, {
      'base/model.rkllm': null,
      'child/Modelfile': 'FROM base\nSYSTEM child',
      'grandchild/Modelfile': 'FROM child\nPARAMETER top_k 3',
    });
    for (const name of ['base', 'child']) {
      await expect(catalogue.remove(name)).rejects.toMatchObject({ code: 'model_in_use' });
    }
    await expect(catalogue.remove('base')).rejects.toThrow(/child, grandchild need its files/);
    for (const name of ['grandchild', 'child', 'base']) await catalogue.remove(name);
    expect(await leftIn(folder.path)).toEqual([]);
  });

  it('is refused when a model that came while it was unloaded needs it', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'base/model.rkllm': null });
    const unload = async () => {
      await folder.write('child/Modelfile', 'FROM=../base/model.rkllm');
      await catalogue.refresh();
    };
    await expect(catalogue.remove('base', { unload })).rejects.toMatchObject({
      code: 'model_in_use',
    });
    expect(namesOf(catalogue)).toEqual(['base', 'child']);
  });

  it('is refused while other models lie in its folder', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a/m.rkllm': null, 'a/inner/m.rkllm': null });
    await expect(catalogue.remove('a')).rejects.toThrow(/a\/inner needs its files/);
  });

  it('deletes a link and never what it leads to', async () => {
    await using folder = await ModelsFolder.create();
    const disk = `${folder.home}/disk`;
    await mkdir(`${disk}/m`, { recursive: true });
    await writeFile(`${disk}/m/model.rkllm`, modelBytes());
    await utimes(`${disk}/m/model.rkllm`, 1, 1);
    await symlink(`${disk}/m`, folder.at('linked'));
    await symlink(`${disk}/m/model.rkllm`, folder.at('file.rkllm'));
    await mkdir(folder.at('own'));
    await symlink(`${disk}/m/model.rkllm`, folder.at('own/model.rkllm'));
    const catalogue = await folder.catalogue();
    for (const name of ['linked', 'file.rkllm', 'own']) await catalogue.remove(name);
    expect(await leftIn(folder.path)).toEqual([]);
    expect(await readdir(`${disk}/m`)).toEqual(['model.rkllm']);
  });

  it('is refused for a model that lies outside, behind a linked namespace', async () => {
    await using folder = await ModelsFolder.create();
    await mkdir(`${folder.home}/disk/m`, { recursive: true });
    await writeFile(`${folder.home}/disk/m/model.rkllm`, modelBytes());
    await utimes(`${folder.home}/disk/m/model.rkllm`, 1, 1);
    await symlink(`${folder.home}/disk`, folder.at('user'));
    const catalogue = await folder.catalogue();
    await expect(catalogue.remove('user/m')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(existsSync(`${folder.home}/disk/m/model.rkllm`)).toBe(true);
    expect(namesOf(catalogue)).toEqual(['user/m']);
  });

  it('that a power cut interrupted is finished at the next start', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('.rkllamad-trash-1234/model.rkllm');
    await folder.model('.someone-elses/model.rkllm');
    const catalogue = await shelf(folder, { 'a/model.rkllm': null });
    expect(await leftIn(folder.path)).toEqual(['.someone-elses', 'a']);
    expect(namesOf(catalogue)).toEqual(['a']);
  });

  it('happens once when it is asked for twice', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a/model.rkllm': null, 'b/model.rkllm': null });
    const outcomes = await Promise.allSettled([catalogue.remove('a'), catalogue.remove('a')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(namesOf(catalogue)).toEqual(['b']);
  });

  it('of what somebody has already deleted by hand says that it is not there', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder, { 'a/model.rkllm': null });
    const unload = () => rm(folder.at('a'), { recursive: true });
    await expect(catalogue.remove('a', { unload })).rejects.toMatchObject({
      code: 'model_not_found',
    });
    expect(namesOf(catalogue)).toEqual([]);
  });
});
