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
  ])('called %j of %j is refused', async (name, text, code) => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await expect(catalogue.create(name, text)).rejects.toMatchObject({ code });
    expect(namesOf(catalogue)).toEqual(['base']);
  });

  it.each([
    ['another model stands on it', 'mario', 'FROM luigi', /circle: mario from luigi from mario/],
    ['its name has a file', 'base', 'FROM mario', /base is a model with a file of its own/],
    ['its name is a loose file', 'loose.rkllm', 'FROM loose.rkllm', /lies loose .* no Modelfile/],
    ['its file still arrives', 'half', 'FROM base', /half is a model whose download has not ended/],
  ])('where %s is refused in words', async (_, name, text, message) => {
    await using folder = await ModelsFolder.create();
    await folder.write('mario/Modelfile', 'FROM base');
    await folder.write('luigi/Modelfile', 'FROM mario');
    await utimes(await folder.write('loose.rkllm', modelBytes()), 1, 1);
    await folder.write('half/model.rkllm.partial', 'x');
    const catalogue = await shelf(folder);
    await expect(catalogue.create(name, text)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
    expect(catalogue.models().filter(({ problem }) => problem !== null)).toEqual([]);
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

describe('creating a model from itself', () => {
  const change = 'FROM base\nSYSTEM new\nPARAMETER top_k 9\nPARAMETER stop x\nLICENSE two';

  it('changes the settings of one with its own file, whose FROM stays', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.write('base/another.rkllm', modelBytes()), 1, 1);
    await folder.write(
      'base/Modelfile',
      'FROM=model.rkllm\nHUGGINGFACE_PATH=u/r\nTOP_K=1\nTEMPERATURE=0.5\nSYSTEM="a \\"b\\""\nSTOP=y\nLICENSE=one\n',
    );
    const catalogue = await shelf(folder);
    const made = await catalogue.create('base:latest', change);
    expect(made).toMatchObject({ name: 'base', parent: null, path: folder.at('base/model.rkllm') });
    expect(made.modelfile).toEqual({
      from: 'model.rkllm',
      huggingFacePath: 'u/r',
      system: 'new',
      sampling: { topK: 9, temperature: 0.5 },
      stop: ['x'],
      license: ['one', 'two'],
    });
  });

  it('keeps every text as it was', async () => {
    await using folder = await ModelsFolder.create();
    const system = 'a "b" c\\nd\n# e\\\n\ttab';
    await folder.write('base/Modelfile', `FROM model.rkllm\nSYSTEM """${system}"""\n`);
    const catalogue = await shelf(folder);
    const made = await catalogue.create('base', 'FROM base\nPARAMETER top_k 9');
    expect(made.modelfile).toMatchObject({ system, sampling: { topK: 9 } });
  });

  it('gives settings to one that had no Modelfile', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    const made = await catalogue.create('base', change);
    expect(made).toMatchObject({ parent: null, problem: null, modelfile: { system: 'new' } });
  });

  it('changes a derived one, which keeps its base', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await shelf(folder);
    await catalogue.create('mario', 'FROM base\nSYSTEM one\nTEMPLATE {{ messages[0].content }}');
    const made = await catalogue.create('mario', 'FROM mario:latest\nSYSTEM two');
    expect(made).toMatchObject({
      parent: 'base',
      modelfile: { system: 'two', template: '{{ messages[0].content }}' },
    });
  });

  it('does not help one that is broken', async () => {
    await using folder = await ModelsFolder.create();
    await folder.write('mario/Modelfile', 'FROM gone');
    const catalogue = await shelf(folder);
    await expect(catalogue.create('mario', 'FROM mario')).rejects.toThrow(/FROM gone/);
  });
});
