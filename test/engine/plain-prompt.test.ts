import { describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';
import { simulator } from '../e2e/board.ts';
import { Rig } from './rig.ts';

/** A text that goes into the model as it is. */

const versions = ['1.1.4', '1.2.0', '1.3.1'] as const;

const spec: ModelFileSpec = {
  text: 'once upon a time there was a fox, and the fox was quick',
  vocabSize: 600,
  script: [
    { when: 'Once upon', tokens: [' a', ' time', ' <think>', 'x', '</think>', ' END', ' more'] },
    { when: 'the end', tokens: [' of', ' it'] },
    { when: '', echo: true },
  ],
};
const files = {
  'm/tokenizer.json': tokenizerJson(spec),
  'm/tokenizer_config.json': tokenizerConfigJson(spec),
};
const ways = [
  ['token ids', files],
  ['text', {}],
] as const;
const cases = versions.flatMap((version) => ways.map((way) => [version, ...way] as const));

async function start(version: string, modelfiles: Record<string, string>, contextLength = 512) {
  const library = await simulator(version);
  return Rig.start({ library, models: { 'm/m.rkllm': spec }, modelfiles, contextLength });
}

async function lastPrompt(rig: Rig): Promise<{ text: unknown; ids: unknown }> {
  const input = Object((await rig.calls('rkllm_run')).at(-1)?.args['input']);
  return { text: input.prompt_input, ids: input.input_ids };
}

describe.concurrent('a prompt without a template', () => {
  it.each(cases)(
    'goes in as it stands, and the answer comes as it is (%s, %s)',
    async (version, way, modelfiles) => {
      await using rig = await start(version, modelfiles);
      const prompt = 'Once upon';
      const answer = await rig.ask({ model: 'm', prompt });
      expect(answer.text).toBe(' a time <think>x</think> END more');
      const { text, ids } = await lastPrompt(rig);
      if (way === 'text') expect(text).toBe(prompt);
      else expect(ids).toHaveLength(answer.usage?.promptTokens ?? 0);
      const stopped = await rig.ask({ model: 'm', prompt, stop: [' END'] });
      expect(stopped).toMatchObject({ text: ' a time <think>x</think>', finishReason: 'stop' });
    },
  );

  it.each(cases)('that is too long keeps its end (%s, %s)', async (version, _, modelfiles) => {
    await using rig = await start(version, modelfiles, 128);
    const prompt = `Once upon ${'the quick fox, '.repeat(300)}and this is the end`;
    const answer = await rig.ask({ model: 'm', prompt });
    expect(answer.text).toBe(' of it');
    const { text, ids } = await lastPrompt(rig);
    if (Array.isArray(ids)) expect(ids.length).toBe(128 - 16);
    else expect(String(text).length).toBeGreaterThan(100);
  });

  it.each(ways)(
    'that is too long is an error where it is to be one (%s)',
    async (_, modelfiles) => {
      await using rig = await start('1.3.1', modelfiles, 128);
      const prompt = 'the quick fox, '.repeat(300);
      await expect(rig.ask({ model: 'm', prompt, overflow: 'error' })).rejects.toMatchObject({
        code: 'context_length_exceeded',
      });
      expect(await rig.calls('rkllm_run')).toEqual([]);
    },
  );

  it.each([[''], ['a\0b']])('%j is refused', async (prompt) => {
    await using rig = await start('1.3.1', {});
    await expect(rig.ask({ model: 'm', prompt })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
