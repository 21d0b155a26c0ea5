import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, Broken, type Tested } from '../../../src/cli/selftest/assertion.ts';
import { assertions } from '../../../src/cli/selftest/assertions/index.ts';
import type { Answer } from '../../../src/cli/selftest/subject.ts';
import { capabilitiesOf } from '../../../src/rkllm/index.ts';
import { model } from '../doctor/healthy.ts';

/**
 * The simulator does what is known of the runtime; here are answers as a runtime would give them that
 * does something else, one after the other.
 */
function runtime(answers: readonly Partial<Answer>[], more: Partial<Tested> = {}): Tested {
  const rest = [...answers];
  const next = async (): Promise<Answer> => {
    const answer = rest.length > 1 ? rest.shift() : rest[0];
    return { ...ordinary, ...answer };
  };
  return {
    capabilities: capabilitiesOf('1.3.1'),
    isGone: false,
    facts: {},
    loadMs: 0,
    load: async () => {},
    ask: next,
    question: next,
    plain: next,
    switchTemplateOff: async () => {},
    forget: async () => {},
    kvEntries: async () => 0,
    call: async () => {},
    end: async () => {},
    kill: () => {},
    ...more,
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-assertions-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ordinary: Answer = {
  text: 'Paris',
  ids: [1, 2],
  tokens: 2,
  ending: 'end',
  counters: null,
  kvEntries: 0,
  matrices: [],
  firstTokenMs: 1,
  totalMs: 1,
};

const computed = (prefillTokens: number, more: Partial<Answer> = {}): Partial<Answer> => ({
  counters: { prefillTokens, prefillMs: 1, decodeTokens: 2, decodeMs: 100, memoryMb: null },
  ...more,
});
const vector = (...values: number[]): Partial<Answer> => ({
  matrices: [{ rows: 1, columns: values.length, values: Float32Array.from(values) }],
});

async function check(id: string, first: Tested, second: Tested = first): Promise<unknown> {
  const assertion = assertions.find((each) => each.id === id);
  if (!assertion) throw new Error(`there is no assertion ${id}`);
  const bench: Bench = {
    subject: async () => first,
    another: async () => second,
    model: model(),
    availableBytes: async () => null,
    neededBytes: 0,
    file: (name) => join(folder, name),
  };
  return assertion.run(bench);
}

describe('fails when', () => {
  it.each<[string, string, readonly Partial<Answer>[], RegExp]>([
    ['text', 'the answer is empty', [{ text: ' ' }], /empty/],
    ['text', 'characters are broken', [{ text: 'a\uFFFD' }], /broken characters/],
    ['text', 'tokens get lost', [computed(5, { tokens: 9 })], /counted 2 tokens, and 9 came/],
    ['eos', 'the answer does not end', [{ ending: 'limit', tokens: 600 }], /limit of 600/],
    ['limit', 'more tokens come', [{ ending: 'limit', tokens: 6 }], /6 tokens came/],
    ['limit', 'it ends before', [{ ending: 'limit', tokens: 4 }], /ended otherwise/],
    ['tokens', 'something is put around them', [{}, computed(9)], /2 tokens were put in, and 9/],
    [
      'history',
      'the second turn begins anew',
      [computed(10, { kvEntries: 18 }), computed(12, { kvEntries: 20 })],
      /20 entries .* 30 were expected/,
    ],
    ['prefix', 'all is computed again', [computed(100)], /100 of 100 tokens/],
    [
      'prefix',
      'the same prompt is computed again',
      [computed(100), computed(5), computed(5)],
      /very same prompt computed 5/,
    ],
    ['clear', 'something is left', [computed(100), computed(3)], /3 of 100/],
    ['kv-size', 'it tells another size', [computed(30, { kvEntries: 7 })], /after 32 tokens .* 7/],
    ['hidden', 'nothing comes', [{}], /none came/],
    ['hidden', 'they are zero', [vector(0, 0)], /all are zero/],
    ['hidden', 'they are no numbers', [vector(1, Number.NaN)], /no numbers/],
    ['hidden', 'all texts are one', [vector(1, 2)], /two texts gave one vector/],
    [
      'hidden',
      'a text has another vector the second time',
      [vector(1, 0), vector(0, 1), vector(1, 1)],
      /same text gave another/,
    ],
    [
      'logits',
      'they do not know the next token',
      [{ ids: [1] }, { ids: [1, 0] }, vector(0, 9, 8, 7, 6, 5)],
      /only number 6/,
    ],
  ])('%s: %s', async (id, _, answers, words) => {
    const broken = await check(id, runtime(answers)).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(Broken);
    expect(broken).toMatchObject({ message: expect.stringMatching(words) });
  });

  it('kv-size: a cleared cache is not empty', async () => {
    const tested = runtime([computed(30)], { kvEntries: async () => 5 });
    await expect(check('kv-size', tested)).rejects.toThrow(/empty cache has 5 entries/);
  });

  it('prompt-cache: no file is written', async () => {
    await expect(check('prompt-cache', runtime([computed(100)]))).rejects.toThrow(/no file/);
  });

  it('prompt-cache: another process computes all of it again', async () => {
    await writeFile(join(folder, 'prompt.cache'), 'x');
    const checked = check('prompt-cache', runtime([computed(100)]), runtime([computed(104)]));
    await expect(checked).rejects.toThrow(/104 tokens were computed with it, 100 without/);
  });

  it('two-models: one of them speaks otherwise', async () => {
    const checked = check('two-models', runtime([{ ids: [1] }]), runtime([{ ids: [7] }]));
    await expect(checked).rejects.toThrow(Broken);
  });
});
