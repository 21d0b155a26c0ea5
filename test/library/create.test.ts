import { mkdir, readFile, symlink, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ModelsFolder, modelBytes, namesOf } from './models-folder.ts';

async function shelf(folder: ModelsFolder) {
  await utimes(await folder.write('base/model.rkllm', modelBytes()), 1, 1);
  return folder.catalogue();
}

describe('creating a derived model', () => {
  it.each([
    ['mario', 'mario'],
    ['mario:latest', 'mario'],
    ['mario:7b', 'mario:7b'],
    ['me/mario', 'me/mario'],
  ])('called %s makes %s', async (requested, name) => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    const made = await catalogue.create(requested, 'FROM base\nSYSTEM You are Mario.');
    expect(made).toMatchObject({ name, parent: 'base', modelfile: { system: 'You are Mario.' } });
    expect(namesOf(catalogue)).toContain(name);
    expect(await readFile(folder.at(name, 'Modelfile'), 'utf8')).toMatch(/Mario/);
  });

  it('says why the disk refuses it', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await folder.write('mario', 'no folder');
    await expect(catalogue.create('mario', 'FROM base')).rejects.toMatchObject({
      code: 'internal_error',
      message: expect.stringMatching(/^mario could not be written: EEXIST/),
    });
  });

  it('replaces an earlier one of the same name', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await catalogue.create('mario', 'FROM base\nSYSTEM one');
    const made = await catalogue.create('mario', 'FROM base\nSYSTEM two');
    expect(made.modelfile.system).toBe('two');
  });

  it.each([
    ['../mario', 'FROM base', 'invalid_request'],
    ['a/b/c', 'FROM base', 'invalid_request'],
    ['me/tokenizer', 'FROM base', 'invalid_request'],
    ['', 'FROM base', 'invalid_request'],
    ['mario', 'SYSTEM no from', 'invalid_request'],
    ['mario', '', 'invalid_request'],
    ['mario', 'FROM nothing', 'model_not_found'],
    ['mario', 'FROM mario', 'model_not_found'],
    ['mario', 'FROM /etc/passwd', 'model_not_found'],
    ['base', 'FROM base', 'invalid_request'],
  ])('called %j of %j is refused', async (name, text, code) => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await expect(catalogue.create(name, text)).rejects.toMatchObject({ code });
    expect(namesOf(catalogue)).toEqual(['base']);
  });

  it('writes nothing outside the models folder', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await mkdir(`${folder.home}/outside/deeper`, { recursive: true });
    await symlink(`${folder.home}/outside`, folder.at('linked'));
    for (const name of ['linked', 'linked/deeper', 'linked/new']) {
      await expect(catalogue.create(name, 'FROM base')).rejects.toMatchObject({
        code: 'invalid_request',
      });
    }
  });
});
