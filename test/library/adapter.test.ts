import { utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ModelsFolder } from './models-folder.ts';

const files = {
  'base/model.rkllm': 'model',
  'base/plain.rkllm': 'lora',
  'child/style.rkllm': 'lora',
} as const;

/** The adapter of a model, relative to the models folder, and its problem. */
async function adapterOf(name: string, modelfiles: Record<string, string>) {
  await using folder = await ModelsFolder.create();
  for (const [path, kind] of Object.entries(files)) {
    await utimes(await folder.model(path, { kind }), 1, 1);
  }
  for (const [path, text] of Object.entries(modelfiles)) {
    const filled = text.replace('<models>', folder.at('.'));
    await utimes(await folder.write(`${path}/Modelfile`, filled), 1, 1);
  }
  const { adapter, problem } = (await folder.catalogue()).find(name);
  return { adapter: adapter?.slice(folder.at('.').length + 1) ?? null, problem };
}

describe('ADAPTER in a Modelfile', () => {
  it.each([
    ['no line', '', null],
    ['a file', 'ADAPTER=plain.rkllm', 'base/plain.rkllm'],
    ['a file with a dot, as Ollama has it', 'ADAPTER ./plain.rkllm', 'base/plain.rkllm'],
    ['a name', 'ADAPTER plain', 'base/plain.rkllm'],
    ['an absolute path', 'ADAPTER <models>/base/plain.rkllm', 'base/plain.rkllm'],
  ])('chooses the LoRA file beside the model: %s', async (_, line, adapter) => {
    const from = line.startsWith('ADAPTER=') ? 'FROM=' : 'FROM ';
    const modelfile = `${from}model.rkllm\n${line}`;
    expect(await adapterOf('base', { base: modelfile })).toEqual({ adapter, problem: null });
  });

  it.each([
    ['its own', 'ADAPTER style.rkllm', 'child/style.rkllm'],
    ["its base's", 'ADAPTER plain.rkllm', 'base/plain.rkllm'],
    ['what its base says, without a line', '', 'base/plain.rkllm'],
  ])('of a derived model: %s', async (_, line, adapter) => {
    const modelfiles = { base: 'FROM model.rkllm\nADAPTER plain', child: `FROM base\n${line}` };
    expect(await adapterOf('child', modelfiles)).toEqual({ adapter, problem: null });
  });

  it.each([
    ['is not there', 'ADAPTER other', /says ADAPTER other, .* files are .*plain\.rkllm/],
    ['is the model', 'ADAPTER model.rkllm', /says ADAPTER model\.rkllm/],
    ['lies elsewhere', 'ADAPTER /elsewhere/plain.rkllm', /says ADAPTER \/elsewhere/],
    ['is one of two', 'ADAPTER plain\nADAPTER style', /2 adapters \(plain, style\); one/],
  ])(
    'that %s is a problem in words: the model would not be what it says',
    async (_, line, words) => {
      const { adapter, problem } = await adapterOf('base', { base: `FROM model.rkllm\n${line}` });
      expect(adapter).toBeNull();
      expect(problem).toMatch(words);
    },
  );
});
