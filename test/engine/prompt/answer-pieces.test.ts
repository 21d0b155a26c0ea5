import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Prompter } from '../../../src/engine/prompt/index.ts';
import { TextTokenizer } from '../../../src/engine/prompt/text-tokenizer.ts';
import { type RealTokenizer, realFolder } from './real-tokenizers.ts';

/** What has been written of an answer goes back into the prompt, in the tokens that it came in. */

const names: readonly RealTokenizer[] = ['qwen3', 'qwen2_5', 'llama3_2', 'internlm2'];
const prompters = new Map(
  names.map((name) => {
    const searchFolders = [realFolder(name)];
    return [name, new Prompter({ name, architecture: null, searchFolders, modelfile: {} })];
  }),
);
afterAll(() => Promise.all([...prompters.values()].map((prompter) => prompter.close())));

const answers = [
  '{"city": "Paris", "warm": true, "degrees": -18.5}',
  '{"name": "Küche \\u00e9 名前 😀", "list": [1, 2, 3]}\n',
  ' leading, and  double  blanks',
];

async function ids(prompter: Prompter, text: string): Promise<number[]> {
  return [...((await prompter.extend([{ text }])) ?? [])];
}

describe.each(names)('%s', { timeout: 60_000 }, (name) => {
  const prompter = prompters.get(name);
  if (!prompter) throw new Error(`no prompter for ${name}`);

  it.each(answers)('keeps the ids of generated tokens: %s', async (text) => {
    const generated = await ids(prompter, text);
    expect(generated.length).toBeGreaterThan(3);
    const kept = await prompter.extend([{ text, ids: generated }]);
    expect([...(kept ?? [])]).toEqual(generated);
    // In another cut than the tokenizer's own, too: byte by byte, as no tokenizer writes it.
    const cut = await Promise.all([...'{"a"'].map((each) => ids(prompter, each)));
    const apart = cut.flat();
    expect([...((await prompter.extend([{ text: '{"a"', ids: apart }])) ?? [])]).toEqual(apart);
  });

  it('does not believe ids that spell something else, or nothing', async () => {
    const right = await ids(prompter, 'Paris');
    for (const wrong of [[2_000_000], [...right, ...right], []]) {
      const found = await prompter.extend([{ text: 'Paris', ids: wrong }]);
      expect([...(found ?? [])]).toEqual(right);
    }
  });

  it('makes no control token of a text', async () => {
    const [control] = { llama3_2: ['<|eot_id|>'] }[name as string] ?? ['<|im_end|>'];
    const whole = await prompter.tokenize(control ?? '');
    const plain = await ids(prompter, `"${control}"`);
    expect(whole).toHaveLength(1);
    expect(plain).not.toContain(whole?.[0]);
    expect(plain.length).toBeGreaterThan(4);
  });
});

/** Like the tokenizers of TinyLlama, Phi 3 and the first Mistral: a text begins with a blank. */
const withBlank = {
  added_tokens: [],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: null,
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    byte_fallback: true,
    unk_token: null,
    vocab: Object.fromEntries(
      ['<0x0A>', '▁', 'a', 'P', 'r', 'i', 's', '"'].map((t, id) => [t, id]),
    ),
    merges: [],
  },
};

describe('a tokenizer that puts a blank before every text', () => {
  it('puts none before what follows another, and knows its own ids again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rkllamad-pieces-'));
    const file = join(folder, 'tokenizer.json');
    await writeFile(file, JSON.stringify(withBlank));
    const tokenizer = await TextTokenizer.load(file, null);
    await rm(folder, { recursive: true });
    const blank = 1;
    expect(tokenizer.encode('Paris"')).toContain(blank);
    const behind = tokenizer.encodeBehind('Paris"', null);
    expect(behind).toEqual([3, 2, 4, 5, 6, 7]);
    expect(tokenizer.spells(behind, 'Paris"')).toBe(true);
    expect(tokenizer.spells([blank, ...behind], ' Paris"')).toBe(true);
    expect(tokenizer.spells([blank, ...behind], 'Paris"')).toBe(false);
  });
});
