import { describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';
import type { ChatMessage, GenerationOptions } from '../../src/engine/index.ts';
import { simulator } from '../e2e/board.ts';
import { Rig } from './rig.ts';

/** What the runtime receives over a conversation, with every group of its ABI. */

const versions = ['1.1.4', '1.2.0', '1.2.1b1', '1.2.3', '1.3.0', '1.3.1'] as const;
type Version = (typeof versions)[number];
const libraryOf = (version: Version = '1.3.1') => simulator(version);

const spec: ModelFileSpec = {
  text: 'the quick brown fox jumps over the lazy dog and says hello to you, turn after turn',
  vocabSize: 700,
  script: [
    { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
    { when: '', echo: true },
  ],
};
const tokenizer = {
  'm/tokenizer.json': tokenizerJson(spec),
  'm/tokenizer_config.json': tokenizerConfigJson(spec),
};
const withFiles = { models: { 'm/m.rkllm': spec }, modelfiles: tokenizer, contextLength: 2048 };
const bare = { models: { 'm/m.rkllm': spec }, contextLength: 2048 };

const isSince = (version: Version, first: Version) =>
  versions.indexOf(version) >= versions.indexOf(first);
const user = (content: string): ChatMessage => ({ role: 'user', content });
const request = (messages: ChatMessage[], more: GenerationOptions = {}) => ({
  model: 'm',
  messages,
  ...more,
});
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** Inputs of the runs, as the library received them. */
async function inputs(rig: Rig): Promise<Record<string, unknown>[]> {
  return (await rig.calls('rkllm_run')).map(({ args }) => Object(args['input']));
}

describe.concurrent('a conversation of twenty turns', () => {
  const talk = async (rig: Rig) => {
    const messages: ChatMessage[] = [{ role: 'system', content: 'Say it again.' }];
    const usages = [];
    for (let turn = 1; turn <= 20; turn++) {
      messages.push(user(`hello fox, this is turn ${turn}`));
      const answer = await rig.ask(request(messages, { sampling: { temperature: 0.25 } }));
      expect(answer.text).toBe(`hello fox, this is turn ${turn}`);
      messages.push({ role: 'assistant', content: answer.text });
      usages.push(answer.usage);
    }
    return usages;
  };

  /** The prompt of each turn begins with the whole one before. */
  function expectGrowing(prompts: readonly (readonly unknown[] | string)[]) {
    expect(prompts).toHaveLength(20);
    for (const [index, prompt] of prompts.entries()) {
      const before = prompts[index - 1];
      if (before) expect(prompt.slice(0, before.length)).toEqual(before);
    }
  }

  it.each(versions)('goes in as token ids that grow at their end (%s)', async (version) => {
    await using rig = await Rig.start({ library: await libraryOf(version), ...withFiles });
    const usages = await talk(rig);
    const all = await inputs(rig);
    expectGrowing(
      all.map((input) => (Array.isArray(input['input_ids']) ? input['input_ids'] : [])),
    );
    expect(usages.map((usage) => usage?.promptTokens)).toEqual(all.map(({ n_tokens }) => n_tokens));
    expect(await rig.calls('rkllm_set_chat_template')).toEqual([]);
    // Nothing is kept before 1.2.0.
    if (isSince(version, '1.2.0')) expectReuse(usages);
    else expect(new Set(usages.map((usage) => usage?.cachedTokens))).toEqual(new Set([0]));
    await expectSampling(version, rig);
  });

  it.each(versions)('goes in as text that grows at its end (%s)', async (version) => {
    await using rig = await Rig.start({ library: await libraryOf(version), ...bare });
    const usages = await talk(rig);
    expectGrowing((await inputs(rig)).map(({ prompt_input }) => String(prompt_input)));
    const switches = await rig.calls('rkllm_set_chat_template');
    expect(switches).toHaveLength(isSince(version, '1.2.0') ? 1 : 0);
    // Without a tokenizer only the runtime knows, from 1.2.1 on.
    if (isSince(version, '1.2.3')) expectReuse(usages);
    else expect(new Set(usages.map((usage) => usage?.cachedTokens))).toEqual(new Set([null]));
    await expectSampling(version, rig);
  });

  type Usages = Awaited<ReturnType<typeof talk>>;

  function expectReuse(usages: Usages) {
    const cached = usages.map((usage) => usage?.cachedTokens);
    expect(cached[0]).toBe(0);
    for (const [index, tokens] of cached.entries()) {
      // At least the prompt before; its answer, too, but for its end.
      const before = usages[index - 1]?.promptTokens ?? 0;
      expect(tokens).toBeGreaterThanOrEqual(before);
      expect(tokens).toBeLessThanOrEqual(Number(usages[index]?.promptTokens));
    }
    expect(cached).toEqual(cached.toSorted((a, b) => Number(a) - Number(b)));
  }

  async function expectSampling(version: Version, rig: Rig) {
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => Object(args['infer']));
    const asked = expect.objectContaining({ temperature: 0.25, top_k: 40 });
    for (const { sampling_params } of runs) {
      if (isSince(version, '1.3.0')) expect(sampling_params).toEqual(asked);
      else expect(sampling_params).toBeUndefined();
    }
  }
});

describe.concurrent('the Modelfile', () => {
  it('gives system message, stop strings, context and temperature', async () => {
    await using rig = await Rig.start({
      library: await libraryOf(),
      models: withFiles.models,
      modelfiles: {
        ...tokenizer,
        'm/Modelfile': 'SYSTEM="Be a fox."\nSTOP="lazy"\nNUM_CTX=1024\nTEMPERATURE=0.5\n',
      },
    });
    const answer = await rig.ask(request([user('the quick lazy dog')]));
    expect(answer).toMatchObject({ text: 'the quick ', finishReason: 'stop' });
    const [init] = await rig.calls('rkllm_init');
    expect(init?.args['param']).toMatchObject({ max_context_len: 1024, temperature: 0.5 });
    const [run] = await rig.calls('rkllm_run');
    expect(run?.args['infer']).toMatchObject({ sampling_params: { temperature: 0.5 } });
    const [input] = await inputs(rig);
    const own = request([{ role: 'system', content: 'Be a fox.' }, user('the quick lazy dog')]);
    await rig.ask(own);
    expect((await inputs(rig))[1]?.['input_ids']).toEqual(input?.['input_ids']);
  });
});

describe.concurrent('a prompt that is too long', () => {
  const turn = 'the quick brown fox jumps over the lazy dog '.repeat(4);
  const long: ChatMessage[] = [
    { role: 'system', content: 'Be brief.' },
    ...Array.from({ length: 12 }, (_, index) => [
      user(`${index} ${turn}`),
      { role: 'assistant' as const, content: 'Yes.' },
    ]).flat(),
    user('hello you'),
  ];

  it.each([
    ['token ids', withFiles],
    ['text', bare],
  ])('loses its oldest turns, and the answer says how many messages (%s)', async (_, files) => {
    await using rig = await Rig.start({ library: await libraryOf(), ...files, contextLength: 512 });
    const answer = await rig.ask(request(long));
    expect(answer).toMatchObject({ text: 'hello you', finishReason: 'stop' });
    expect(answer.droppedMessages).toBeGreaterThan(0);
    expect(answer.droppedMessages).toBeLessThan(long.length);
    // Once the runtime has said how long its tokens are, nothing is refused any more.
    const runs = (await inputs(rig)).length;
    expect((await rig.ask(request(long))).text).toBe('hello you');
    expect(await inputs(rig)).toHaveLength(runs + 1);
  });

  it.each([
    ['token ids', withFiles],
    ['text', bare],
  ])('is refused with the numbers where it is to be an error (%s)', async (_, files) => {
    await using rig = await Rig.start({ library: await libraryOf(), ...files, contextLength: 512 });
    await expect(rig.ask(request(long, { overflow: 'error' }))).rejects.toEqual(
      failure('context_length_exceeded', /\d+ tokens, but the context has 512/),
    );
    const alone = request([user(turn.repeat(12))]);
    await expect(rig.ask(alone)).rejects.toEqual(
      failure('context_length_exceeded', /\d+ tokens, but the context has 512/),
    );
    expect(await inputs(rig)).toEqual([]);
    expect((await rig.ask(request([user('hello you')]))).text).toBe('hello you');
  });

  it('never reaches the runtime, whatever its length', async () => {
    await using rig = await Rig.start({
      library: await libraryOf(),
      ...withFiles,
      contextLength: 128,
    });
    for (let words = 1; words < 120; words += 7) {
      const content = 'fox '.repeat(words).trim();
      const answer = await rig
        .ask(request([user(content)], { maxTokens: 1 }))
        .catch((error: unknown) => error);
      expect(answer).toEqual(
        answer instanceof Error
          ? failure('context_length_exceeded', /but the context has 128/)
          : expect.objectContaining({ text: expect.stringMatching(/^fox|^ ?f/) }),
      );
    }
  });

  it('is fitted into the context that its request asks for', async () => {
    await using rig = await Rig.start({ library: await libraryOf(), ...withFiles });
    const answer = await rig.ask(request(long, { contextLength: 256 }));
    expect(answer.droppedMessages).toBeGreaterThan(0);
    expect(answer.usage?.promptTokens).toBeLessThan(256);
    const endless = await rig.ask(request([user('go on for ever')], { contextLength: 128 }));
    expect(endless.finishReason).toBe('length');
    const { promptTokens, completionTokens } = endless.usage ?? {};
    expect(Number(promptTokens) + Number(completionTokens)).toBe(128);
  });
});
