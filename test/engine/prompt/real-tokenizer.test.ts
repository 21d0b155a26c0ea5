import { afterAll, describe, expect, it } from 'vitest';
import { Prompter } from '../../../src/engine/prompt/index.ts';
import { assistant, call, result, system, user, weather } from './conversations.ts';
import { type RealTokenizer, realFolder } from './real-tokenizers.ts';

const prompters: Prompter[] = [];

function prompterOf(name: RealTokenizer, modelfile = {}): Prompter {
  const searchFolders = [realFolder(name)];
  const prompter = new Prompter({ name, architecture: null, searchFolders, modelfile });
  prompters.push(prompter);
  return prompter;
}

afterAll(() => Promise.all(prompters.map((prompter) => prompter.close())));

// Vocabularies of this size take a while to read on a busy machine.
describe('a tokenizer as models ship it', { timeout: 60_000 }, () => {
  const qwen = prompterOf('qwen3');

  it('does its work away from the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    const [, prompt] = await Promise.all([
      qwen.prepare(),
      qwen.render({ messages: [user('word '.repeat(20_000))] }),
    ]);
    clearInterval(timer);
    expect(prompt.tokenCount).toBeGreaterThan(20_000);
    // In this thread the event loop would have turned a few times between the steps.
    expect(turns).toBeGreaterThan(20);
  });

  // Ids out of the vocabularies themselves: each is the whole word's or the control token's.
  it.each([
    ['Qwen 3', qwen, [151644, 872, 198, 9707, 1879, 151645, 198, 151644, 77091, 198]],
    [
      'InternLM 2, which names its control tokens in the configuration only,',
      prompterOf('internlm2'),
      [1, 92543, 1008, 364, 9843, 2028, 92542, 364, 92543, 525, 11353, 364],
    ],
  ] as const)('of %s gives the ids that it knows', async (_, prompter, ids) => {
    const prompt = await prompter.render({ messages: [user('Hello world')] });
    expect([...(prompt.ids ?? [])]).toEqual(ids);
  });

  it('of Llama 3.2 begins a sequence once, and leaves that to the runtime in a text', async () => {
    const { ids } = await prompterOf('llama3_2').render({ messages: [user('Hello')] });
    expect([...(ids ?? [])].filter((id) => id === 128000)).toHaveLength(1);
    expect(ids?.[0]).toBe(128000);
    const inText = prompterOf('llama3_2', { promptMode: 'text' });
    const { text, tokenCount } = await inText.render({ messages: [user('Hello')] });
    expect(text).toMatch(/^<\|start_header_id\|>/);
    expect(tokenCount).toBe(ids?.length);
  });

  it('gives a growing conversation the same beginning in tokens', async () => {
    const messages = [system('Be brief.'), user('Weather?')];
    const steps = [
      [call('get_weather', { place: 'Köln' }), result('{"t": 21}')],
      [assistant('21 °C 👍.'), user('你好?')],
      [assistant('Hello.'), user('Bye')],
    ];
    let before = (await qwen.render({ messages, tools: [weather] })).ids;
    for (const step of steps) {
      messages.push(...step);
      const { ids } = await qwen.render({ messages, tools: [weather] });
      expect([...(ids ?? [])].slice(0, before?.length)).toEqual([...(before ?? [])]);
      before = ids;
    }
  });
});
