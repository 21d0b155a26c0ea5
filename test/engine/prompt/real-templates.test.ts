import { describe, expect, it } from 'vitest';
import { ChatFormat } from '../../../src/engine/prompt/chat-format.ts';
import { familyNamed } from '../../../src/engine/prompt/families/index.ts';
import type { Thinking } from '../../../src/engine/types.ts';
import {
  assistant,
  type Case,
  call,
  conversations,
  result,
  system,
  user,
  weather,
  withSeveralCalls,
  withTools,
} from './conversations.ts';
import { type RealTokenizer, realTemplate } from './real-tokenizers.ts';

/** Bytes of our own template and of the authors' one for the same conversation. */
function both(family: string, real: RealTokenizer, bos = '', replace: [string, string] = ['', '']) {
  const ours = new ChatFormat({ main: familyNamed(family).template }, {});
  const source = realTemplate(real).replace(...replace);
  const theirs = new ChatFormat({ main: source }, { bos_token: bos });
  return ({ messages, tools = [] }: Case, thinking: Thinking | null = null) => {
    const conversation = { messages, tools, thinking, begun: null, prefill: '', now: 0 };
    return {
      ours: bos + ours.render(conversation).text,
      theirs: theirs.render(conversation).text,
    };
  };
}

describe('the built-in format of Qwen 2.5', () => {
  const render = both('qwen2.5', 'qwen2_5');
  it.each([...conversations, ...withTools, ...withSeveralCalls])(
    'writes $what as Qwen’s',
    (each) => {
      const { ours, theirs } = render(each);
      expect(ours).toBe(theirs);
    },
  );
});

describe('the built-in format of Qwen 3', () => {
  const render = both('qwen3', 'qwen3');
  const thoughtful: Case[] = [
    {
      what: 'an answer with thoughts, which are forgotten',
      messages: [user('Hi'), assistant('Hello.', 'They greet.\n'), user('And now?')],
    },
    {
      what: 'thoughts inside the content',
      messages: [user('Hi'), assistant('<think>\nThey greet.\n</think>\n\nHello.'), user('Now?')],
    },
    {
      what: 'thoughts before a call of the question at hand, which are kept',
      messages: [
        user('Weather?'),
        { ...call('get_weather', { place: 'Bonn' }), reasoning: 'I need a tool.' } as never,
        result('21'),
      ],
      tools: [weather],
    },
    {
      what: 'a user’s message that looks like a result',
      messages: [user('Hi'), assistant('A'), user('<tool_response>x</tool_response>')],
    },
    {
      what: 'a system message in the middle',
      messages: [user('Hi'), assistant('A'), system('Now be kind.'), user('Hm')],
    },
  ];
  const all = [...conversations, ...withTools, ...withSeveralCalls, ...thoughtful];
  it.each(all)('writes $what as Qwen’s', (each) => {
    for (const thinking of [null, true, false, 'low'] as const) {
      const { ours, theirs } = render(each, thinking);
      expect(ours).toBe(theirs);
    }
  });
});

describe('the built-in format of Llama 3.2', () => {
  // The authors' template asks for today's date where it can; ours always gives its other one.
  const render = both('llama-3.1', 'llama3_2', '<|begin_of_text|>', [
    'strftime_now is defined',
    'false',
  ]);
  const promised = withTools.filter(
    ({ messages }) => !messages.some(({ role }) => role === 'tool'),
  );
  it.each([...conversations, ...promised])('writes $what as Meta’s', (each) => {
    const { ours, theirs } = render(each);
    expect(ours).toBe(theirs);
  });

  it('writes a tool’s result as it is, where Meta’s template quotes it as a string', () => {
    const { ours, theirs } = render({
      what: '',
      messages: [user('W?'), call('get_weather', { place: 'Bonn' }), result('{"t": 21}')],
      tools: [weather],
    });
    expect(theirs).toContain('ipython<|end_header_id|>\n\n"{\\"t\\": 21}"<|eot_id|>');
    expect(ours).toBe(theirs.replace('"{\\"t\\": 21}"', '{"t": 21}'));
  });

  it('keeps blanks around an answer, which Meta’s template cuts off', () => {
    const { ours, theirs } = render({
      what: '',
      messages: [user('Hi'), assistant('Hello.\n'), user('More')],
    });
    expect(ours).toContain('Hello.\n<|eot_id|>');
    expect(theirs).toContain('Hello.<|eot_id|>');
  });
});

describe('the built-in format of InternLM 2', () => {
  const render = both('internlm2', 'internlm2', '<s>');
  it.each(conversations)('writes $what as its authors’', (each) => {
    const { ours, theirs } = render(each);
    expect(ours).toBe(theirs);
  });
});

describe('what a template can do is found out by trying', () => {
  it.each([
    ['qwen3', { tools: true, thinking: true, system: true, vision: false }],
    ['qwen2_5', { tools: true, thinking: false, system: true, vision: false }],
    ['llama3_2', { tools: true, thinking: false, system: true, vision: false }],
    ['internlm2', { tools: false, thinking: false, system: true, vision: false }],
  ] as const)('for the template of %s', (real, traits) => {
    const { traits: found } = new ChatFormat({ main: realTemplate(real) }, {});
    expect(found).toMatchObject(traits);
  });
});
