import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { Prompter } from '../../../src/engine/prompt/index.ts';
import { assistant, call, result, system, user, weather } from './conversations.ts';
import { type RealTokenizer, realFolder } from './real-tokenizers.ts';

const prompterOf = (name: RealTokenizer, more = {}) =>
  new Prompter({
    name,
    architecture: null,
    searchFolders: [realFolder(name)],
    modelfile: {},
    ...more,
  });

describe.concurrent('a tokenizer as models ship it', () => {
  // Ids out of the vocabularies themselves: each is the whole word's or the control token's.
  it.each([
    ['qwen3', [151644, 872, 198, 9707, 1879, 151645, 198, 151644, 77091, 198]],
    ['internlm2', [1, 92543, 1008, 364, 9843, 2028, 92542, 364, 92543, 525, 11353, 364]],
  ] as const)('of %s gives the ids that it knows', async (name, ids) => {
    const prompter = prompterOf(name);
    try {
      const prompt = await prompter.render({ messages: [user('Hello world')] });
      expect([...(prompt.ids ?? [])]).toEqual(ids);
    } finally {
      await prompter.close();
    }
  });

  it('of Llama 3.2 begins a sequence once', async () => {
    const prompter = prompterOf('llama3_2');
    try {
      const { ids } = await prompter.render({ messages: [user('Hello')] });
      expect([...(ids ?? [])].filter((id) => id === 128000)).toHaveLength(1);
      expect(ids?.[0]).toBe(128000);
      const inText = prompterOf('llama3_2', { modelfile: { promptMode: 'text' } });
      const { text, tokenCount } = await inText.render({ messages: [user('Hello')] });
      await inText.close();
      // The runtime puts the beginning before a text by itself.
      expect(text).toMatch(/^<\|start_header_id\|>/);
      expect(tokenCount).toBe(ids?.length);
    } finally {
      await prompter.close();
    }
  });

  it('does its work away from the event loop', async () => {
    const prompter = prompterOf('qwen3');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      await prompter.prepare();
      await prompter.render({ messages: [user('word '.repeat(20_000))] });
    } finally {
      delay.disable();
      await prompter.close();
    }
    // Reading this vocabulary and encoding that text block a thread for seconds.
    expect(delay.percentile(99) / 1e6).toBeLessThan(500);
  });

  it('gives a growing conversation the same beginning in tokens', async () => {
    const prompter = prompterOf('qwen3');
    try {
      const messages = [system('Be brief.'), user('Weather?')];
      const steps = [
        [call('get_weather', { place: 'Köln' }), result('{"t": 21}')],
        [assistant('21 °C 👍.'), user('你好?')],
        [assistant('Hello.'), user('Bye')],
      ];
      let before = (await prompter.render({ messages, tools: [weather] })).ids ?? new Int32Array();
      for (const step of steps) {
        messages.push(...step);
        const { ids } = await prompter.render({ messages, tools: [weather] });
        expect([...(ids ?? [])].slice(0, before.length)).toEqual([...before]);
        before = ids ?? before;
      }
    } finally {
      await prompter.close();
    }
  });
});
