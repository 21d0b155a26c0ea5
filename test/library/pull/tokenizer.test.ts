import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tokenizerPaths } from '../../../src/library/pull/tokenizer-files.ts';
import { collect, filesIn, modelPath, oneModel, setUp } from './harness.ts';

const tokenizer = {
  'base/model/tokenizer.json': '{"version":"1.0"}',
  'base/model/tokenizer_config.json': '{"eos_token":"</s>"}',
  'base/model/chat_template.jinja': '{{ messages }}',
  'base/model/model.safetensors': 'weights',
};
const card = { 'user/repo/README.md': '---\nbase_model: base/model\n---\n# Model' };

describe('tokenizer and template files', () => {
  it('come from the model repository when it has them', async () => {
    const { folder, puller } = await setUp({
      files: {
        ...oneModel,
        ...card,
        ...tokenizer,
        'user/repo/tokenizer.json': '{}',
        'user/repo/config.json': '{"model_type":"qwen3"}',
      },
    });
    await collect(puller.pull(modelPath));
    expect((await filesIn(folder)).filter((file) => file.includes('tokenizer/'))).toEqual([
      'model-rk3588/tokenizer/config.json',
      'model-rk3588/tokenizer/tokenizer.json',
    ]);
  });

  it('come from the base model that the card names, and the Modelfile says so', async () => {
    const { folder, puller } = await setUp({ files: { ...oneModel, ...card, ...tokenizer } });
    await collect(puller.pull(modelPath));
    const model = path.join(folder, 'model-rk3588');
    expect(await filesIn(path.join(model, 'tokenizer'))).toEqual([
      'chat_template.jinja',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(await readFile(path.join(model, 'tokenizer', 'chat_template.jinja'), 'utf8')).toBe(
      '{{ messages }}',
    );
    expect(await readFile(path.join(model, 'Modelfile'), 'utf8')).toContain(
      'HUGGINGFACE_PATH=base/model',
    );
  });

  it.each<[string, object]>([
    ['the base model is gated', { gated: ['base/model'] }],
    [
      'a file arrives damaged',
      {
        faults: (r: { path: string }) =>
          r.path.includes('tokenizer.json') ? { corrupt: true } : undefined,
      },
    ],
    [
      'a file is refused',
      {
        faults: (r: { path: string }) =>
          r.path.includes('chat_template.jinja') ? { status: 404 } : undefined,
      },
    ],
  ])('are left out, as a whole, when %s', async (_what, options) => {
    const warnings: string[] = [];
    const { folder, puller } = await setUp(
      { files: { ...oneModel, ...card, ...tokenizer }, ...options },
      { log: { info: () => undefined, warn: (_details, message) => warnings.push(message) } },
    );
    const events = await collect(puller.pull(modelPath));
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    expect(await filesIn(folder)).toEqual([
      'model-rk3588/Modelfile',
      'model-rk3588/model-rk3588.rkllm',
    ]);
    expect(warnings).toEqual(['The tokenizer files of base/model were not fetched']);
  });

  it('stay when the owner put them there', async () => {
    const { folder, puller } = await setUp({ files: { ...oneModel, ...card, ...tokenizer } });
    const own = path.join(folder, 'model-rk3588', 'tokenizer', 'tokenizer.json');
    await mkdir(path.dirname(own), { recursive: true });
    await writeFile(own, 'mine');
    await collect(puller.pull(modelPath));
    expect(await readFile(own, 'utf8')).toBe('mine');
  });

  it.each([
    ['beside the model', ['a/tokenizer.json', 'tokenizer.json'], 'a/m.rkllm', ['a/tokenizer.json']],
    [
      'in the root',
      ['tokenizer_config.json', 'config.json'],
      'a/m.rkllm',
      ['tokenizer_config.json', 'config.json'],
    ],
    [
      'in a folder of their own',
      ['tokenizer/tokenizer.json'],
      'm.rkllm',
      ['tokenizer/tokenizer.json'],
    ],
    ['nowhere, when there is only a config', ['config.json'], 'm.rkllm', []],
  ])('are found %s', (_where, paths, model, expected) => {
    expect(tokenizerPaths(paths, model)).toEqual(expected);
  });
});
