import { utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/library/index.ts';
import { ModelsFolder, modelBytes, namesOf } from './models-folder.ts';

/** Every model that these files make. */
async function modelsOf(files: Record<string, string | null>): Promise<Record<string, Model>> {
  await using folder = await ModelsFolder.create();
  for (const [path, content] of Object.entries(files)) {
    await utimes(await folder.write(path, content ?? modelBytes()), 1, 1);
  }
  const models = (await folder.catalogue()).models();
  return Object.fromEntries(models.map((model) => [model.name, model]));
}

describe('a Modelfile with FROM', () => {
  it.each([
    [
      'a file beside it',
      { 'm/a.rkllm': null, 'm/b.rkllm': null, 'm/Modelfile': 'FROM=b.rkllm' },
      'm/b.rkllm',
    ],
    [
      'a file beside it, with a dot',
      { 'm/a.rkllm': null, 'm/Modelfile': 'FROM ./a.rkllm' },
      'm/a.rkllm',
    ],
    [
      'a file beside it, without extension',
      { 'm/a.rkllm': null, 'm/Modelfile': 'FROM a' },
      'm/a.rkllm',
    ],
    ['nothing', { 'm/a.rkllm': null, 'm/Modelfile': 'TOP_K=3' }, 'm/a.rkllm'],
    ['a loose file', { 'a.rkllm': null, 'm/Modelfile': 'FROM=a.rkllm' }, 'a.rkllm'],
    [
      'a file in another folder',
      { 'b/a.rkllm': null, 'm/Modelfile': 'FROM ../b/a.rkllm' },
      'b/a.rkllm',
    ],
    ['a model', { 'b/a.rkllm': null, 'm/Modelfile': 'FROM b' }, 'b/a.rkllm'],
    ['a model with a tag', { 'b/a.rkllm': null, 'm/Modelfile': 'FROM b:latest' }, 'b/a.rkllm'],
    [
      'a model by its alias',
      { 'qwen2.5-3b-w8a8/a.rkllm': null, 'm/Modelfile': 'FROM qwen2.5:3b' },
      'qwen2.5-3b-w8a8/a.rkllm',
    ],
    ['a model of a namespace', { 'u/b/a.rkllm': null, 'm/Modelfile': 'FROM u/b' }, 'u/b/a.rkllm'],
  ])('naming %s uses that file', async (_, files, expected) => {
    const { m } = await modelsOf(files);
    expect(m?.problem).toBeNull();
    expect(m?.path.endsWith(`/models/${expected}`)).toBe(true);
  });

  it('naming a model shares its file, its settings and its tokenizer', async () => {
    const { base, child } = await modelsOf({
      'base/model.rkllm': null,
      'base/Modelfile': 'FROM=model.rkllm\nSYSTEM=base\nTOP_K=1\nTEMPERATURE=0.5',
      'child/Modelfile': 'FROM base\nSYSTEM child\nPARAMETER top_k 9',
    });
    expect(child).toMatchObject({
      path: base?.path,
      sizeBytes: base?.sizeBytes,
      parent: 'base',
      modelfile: { system: 'child', sampling: { topK: 9, temperature: 0.5 } },
    });
    expect(child?.searchFolders).toEqual([child?.folder, base?.folder]);
    expect(base?.parent).toBeNull();
  });

  it.each([
    [
      'what is not there',
      { 'm/a.rkllm': null, 'm/Modelfile': 'FROM=gone.rkllm' },
      /FROM gone\.rkllm, which is neither/,
    ],
    ['itself', { 'm/Modelfile': 'FROM m' }, /leads in a circle: m from m\./],
    [
      'a circle',
      { 'm/Modelfile': 'FROM n', 'n/Modelfile': 'FROM m' },
      /leads in a circle: m from n from m/,
    ],
    [
      'several models',
      { 'u/x/a.rkllm': null, 'v/x/a.rkllm': null, 'm/Modelfile': 'FROM x' },
      /ambiguous.*u\/x, v\/x/,
    ],
    [
      'a file outside',
      { 'm/Modelfile': 'FROM /etc/passwd' },
      /no such model file in the models folder/,
    ],
    [
      'a file outside, by dots',
      { 'm/Modelfile': 'FROM ../../../etc/passwd' },
      /no such model file/,
    ],
  ])('naming %s is listed with the problem', async (_, files, words) => {
    const { m } = await modelsOf(files);
    expect(m?.problem).toMatch(words);
  });

  it('naming a broken model has its problem', async () => {
    const { m } = await modelsOf({ 'n/Modelfile': 'FROM gone', 'm/Modelfile': 'FROM n' });
    expect(m?.problem).toMatch(/^The Modelfile of n says FROM gone/);
  });

  it.each([
    ['in a circle', { 'm/Modelfile': 'FROM n', 'n/Modelfile': 'FROM m' }],
    ['into a circle', { 'm/Modelfile': 'FROM n', 'n/Modelfile': 'FROM n' }],
    ['nowhere', { 'm/Modelfile': 'FROM n', 'n/Modelfile': 'FROM gone' }],
  ])('that leads %s keeps nobody from deleting', async (_, files) => {
    for (const order of [
      ['m', 'n'],
      ['n', 'm'],
    ]) {
      await using folder = await ModelsFolder.create();
      for (const [path, content] of Object.entries(files)) await folder.write(path, content);
      const catalogue = await folder.catalogue();
      for (const name of order) await catalogue.remove(name);
      expect(namesOf(catalogue)).toEqual([]);
    }
  });

  it('naming a model behind a hundred others gives up', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 100 }, (_, step) => [`m${step}/Modelfile`, `FROM m${step + 1}`]),
    );
    const { m0 } = await modelsOf({ ...chain, 'm100/a.rkllm': null });
    expect(m0?.problem).toMatch(/more than 16 models in a row/);
  });

  it('naming a download that still runs is no model yet', async () => {
    const models = await modelsOf({ 'm/a.rkllm.partial': 'x', 'm/Modelfile': 'FROM=a.rkllm' });
    expect(models).toEqual({});
  });
});
