import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/library/index.ts';
import { ModelsFolder, namesOf, until } from './models-folder.ts';

describe.concurrent('changes in the models folder', () => {
  it('are followed: renamed, deleted, moved in and out', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('a/model.rkllm');
    await utimes(folder.at('a/model.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await rename(folder.at('a'), folder.at('b'));
    await until(() => namesOf(catalogue).join() === 'b');
    await mkdir(folder.at('user'));
    await rename(folder.at('b'), folder.at('user/c'));
    await until(() => namesOf(catalogue).join() === 'user/c');
    await rename(folder.at('user/c/model.rkllm'), folder.at('d.rkllm'));
    await until(() => namesOf(catalogue).join() === 'd.rkllm');
    await rm(folder.at('d.rkllm'));
    await until(() => namesOf(catalogue).length === 0);
  });

  it('are told once they can be seen', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    const seen: string[][] = [];
    catalogue.changes.on('change', () => seen.push(namesOf(catalogue)));
    await folder.model('a.rkllm');
    await until(() => seen.some((names) => names.includes('a.rkllm')));
  });

  it('of a Modelfile are read', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('m/model.rkllm');
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 1);
    await folder.write('m/Modelfile', 'FROM=model.rkllm\nTOP_K=3\n');
    await until(() => catalogue.find('m').modelfile.sampling?.topK === 3);
    await rm(folder.at('m/Modelfile'));
    await until(() => catalogue.find('m').modelfile.sampling === undefined);
  });

  it('in the middle of the first look are not missed', async () => {
    await using folder = await ModelsFolder.create();
    for (let index = 0; index < 50; index++) await folder.model(`m${index}/model.rkllm`);
    const starting = folder.catalogue({ settleMs: 20 });
    const adding = folder.model('late/model.rkllm');
    const [catalogue] = await Promise.all([starting, adding]);
    await until(() => namesOf(catalogue).length === 51);
  });
});

describe.concurrent('the models folder itself', () => {
  it('may be missing at the start and appear later', async () => {
    await using folder = await ModelsFolder.create();
    await rm(folder.path, { recursive: true });
    const catalogue = await folder.catalogue();
    expect(() => catalogue.models()).toThrow(
      expect.objectContaining({
        code: 'models_folder_missing',
        message: `The directory ${folder.path} is not found.`,
      }),
    );
    expect(() => catalogue.find('a')).toThrow(/is not found/);
    await utimes(await folder.model('a.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'a.rkllm'));
    await utimes(await folder.model('b.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'b.rkllm'));
  });

  it('may vanish, and be another one when it comes back', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await rename(folder.path, `${folder.path}-away`);
    await until(() => !isListed(catalogue, 'a.rkllm'));
    await until(() => throws(() => catalogue.models()));
    await utimes(await folder.model('c.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'c.rkllm'));
    expect(namesOf(catalogue)).toEqual(['c.rkllm']);
  });

  it('is found at once when a model was pulled into a new one', async () => {
    await using folder = await ModelsFolder.create();
    await rm(folder.path, { recursive: true });
    const catalogue = await folder.catalogue();
    const path = await folder.model('m/model.rkllm');
    await catalogue.refresh(path);
    expect(namesOf(catalogue)).toEqual(['m']);
  });

  it('is shown as its owner writes it', async () => {
    const catalogue = new Catalogue({ folder: `${process.env['HOME']}/RKLLAMA/no-such-models` });
    await catalogue.start();
    expect(() => catalogue.models()).toThrow(
      'The directory ~/RKLLAMA/no-such-models is not found.',
    );
    await catalogue.stop();
  });
});

function isListed(catalogue: Catalogue, name: string): boolean {
  return !throws(() => catalogue.models()) && namesOf(catalogue).includes(name);
}

function throws(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
