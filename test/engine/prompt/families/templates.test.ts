import { describe, expect, it } from 'vitest';
import { ChatFormat } from '../../../../src/engine/prompt/chat-format.ts';
import { families, familyNamed } from '../../../../src/engine/prompt/families/index.ts';
import type { ChatMessage, Thinking, Tool } from '../../../../src/engine/types.ts';
import { assistant, call, result, system, user, weather } from '../conversations.ts';

const formats = new Map(
  families.map(({ name, template }) => [name, new ChatFormat({ main: template }, {})]),
);

function render(
  family: string,
  messages: ChatMessage[],
  more: { tools?: Tool[]; thinking?: Thinking } = {},
) {
  const format = formats.get(familyNamed(family).name);
  if (!format) throw new Error(family);
  const { tools = [], thinking = null } = more;
  return format.render({ messages, tools, thinking, begun: null, prefill: '', now: 0 });
}

const conversation = [system('Be brief.'), user('Hi'), assistant('Hello.'), user('And now?')];

describe('a conversation in the format of', () => {
  it.each([
    [
      'deepseek-r1',
      'Be brief.<｜User｜>Hi<｜Assistant｜>Hello.<｜end▁of▁sentence｜><｜User｜>And now?' +
        '<｜Assistant｜><think>\n',
    ],
    [
      'llama-3',
      '<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nAnd now?<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n',
    ],
    [
      'gemma',
      '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n' +
        '<start_of_turn>user\nAnd now?<end_of_turn>\n<start_of_turn>model\n',
    ],
    [
      'phi-3',
      '<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello.<|end|>\n' +
        '<|user|>\nAnd now?<|end|>\n<|assistant|>\n',
    ],
    [
      'phi-4-mini',
      '<|system|>Be brief.<|end|><|user|>Hi<|end|><|assistant|>Hello.<|end|>' +
        '<|user|>And now?<|end|><|assistant|>',
    ],
    [
      'phi-4',
      '<|im_start|>system<|im_sep|>Be brief.<|im_end|><|im_start|>user<|im_sep|>Hi<|im_end|>' +
        '<|im_start|>assistant<|im_sep|>Hello.<|im_end|><|im_start|>user<|im_sep|>And now?<|im_end|>' +
        '<|im_start|>assistant<|im_sep|>',
    ],
    [
      'zephyr',
      '<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello.</s>\n' +
        '<|user|>\nAnd now?</s>\n<|assistant|>\n',
    ],
    ['minicpm', 'Be brief.<用户>Hi<AI>Hello.<用户>And now?<AI>'],
    [
      'minicpm3',
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
        '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n' +
        '<|im_start|>assistant\n',
    ],
    [
      'chatglm3',
      '<|system|>\n Be brief.<|user|>\n Hi<|assistant|>\n Hello.<|user|>\n And now?<|assistant|>',
    ],
    [
      'glm-4',
      '<|system|>\nBe brief.<|user|>\nHi<|assistant|>\nHello.<|user|>\nAnd now?<|assistant|>\n',
    ],
    ['mistral', '[INST] Be brief.\n\nHi[/INST] Hello.</s>[INST] And now?[/INST]'],
    [
      'chatml',
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
        '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n' +
        '<|im_start|>assistant\n',
    ],
  ])('%s', (family, expected) => {
    expect(render(family, conversation).text).toBe(expected);
  });
});

describe('every format', () => {
  const names = families.map(({ name }) => name);

  it.each(names)('keeps every blank and every sign of a message (%s)', (family) => {
    const content = ' \n{{ 7 * 7 }} {% if x %} {# no #}\n\n  <b>&amp;</b> 👍\n';
    expect(render(family, [user(content)]).text).toContain(content);
  });

  it.each(names)('gives the same bytes for the same messages (%s)', (family) => {
    const again = structuredClone(conversation);
    expect(render(family, again)).toEqual(render(family, conversation));
  });

  it.each(names)('has room for a system message, also in the middle or alone (%s)', (family) => {
    expect(render(family, [user('Hi'), assistant('A'), system('S1'), user('B')]).text).toContain(
      'S1',
    );
    expect(render(family, [system('S2')]).text).toContain('S2');
  });

  it.each(names)('writes what tools were called and gave, whoever made them (%s)', (family) => {
    const { text } = render(family, [user('W?'), call('t', { a: 1 }, 'Wait.'), result('GAVE')]);
    expect(text).toMatch(/Wait\..*GAVE/s);
  });
});

/**
 * The prefix in the KV cache reaches as far as the next prompt repeats prompt and answer of the last
 * run. What an answer ends with belongs to it: the runtime takes the end token into the cache.
 */
describe('a finished turn is written as it was generated', () => {
  const answers = ['Hello.', 'A\n\nB', ' 1. x\n 2. y', '{"a": 1}', '你好 👍', '```js\n1\n```\n'];
  const histories = [
    [user('Hi')],
    [system('Be brief.'), user('Hi')],
    [system('Be brief.'), user('Hi'), assistant('Hello.'), user('And now?')],
  ];
  /** What stands between the prompt and a plain answer in the next prompt. */
  const inserted: Record<string, string> = {
    // The template does not put a blank into the prompt; the model begins with it.
    mistral: ' ',
    chatglm3: '\n ',
  };
  const plain = families.map(({ name }) => name).filter((name) => name !== 'deepseek-r1');

  it.each(plain)('by %s', (family) => {
    for (const history of histories) {
      for (const answer of answers) {
        const { text } = render(family, history);
        const next = render(family, [...history, assistant(answer), user('More')]).text;
        expect(next.slice(0, text.length + answer.length + 4)).toContain(
          text + (inserted[family] ?? '') + answer,
        );
        expect(next.indexOf(text)).toBe(0);
      }
    }
  });

  it.each([
    ['qwen3', '<|im_start|>assistant\n'],
    ['deepseek-r1', '<｜Assistant｜>'],
  ])('but by %s without its thoughts, as its authors want it', (family, opening) => {
    const { text } = render(family, [user('Hi')], { thinking: true });
    const next = render(family, [
      user('Hi'),
      assistant('Hello.', 'They greet.'),
      user('More'),
    ]).text;
    const common = text.slice(0, text.lastIndexOf(opening) + opening.length);
    expect(next.startsWith(`${common}Hello.`)).toBe(true);
    expect(next).not.toContain('They greet.');
  });

  it('but by qwen3 without the empty thought that turned thinking off', () => {
    const off = { thinking: false } as const;
    const { text } = render('qwen3', [user('Hi')], off);
    expect(text).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/);
    const next = render('qwen3', [user('Hi'), assistant('Hello.'), user('More')], off).text;
    expect(next).toContain('<|im_start|>assistant\nHello.<|im_end|>');
  });

  it.each([
    [
      'qwen2.5',
      '<tool_call>\n{"name": "get_weather", "arguments": {"place": "Bonn"}}\n</tool_call>',
    ],
    ['qwen3', '<tool_call>\n{"name": "get_weather", "arguments": {"place": "Bonn"}}\n</tool_call>'],
    [
      'chatml',
      '<tool_call>\n{"name": "get_weather", "arguments": {"place": "Bonn"}}\n</tool_call>',
    ],
    ['llama-3.1', '{"name": "get_weather", "parameters": {"place": "Bonn"}}'],
    [
      'phi-4-mini',
      '<|tool_call|>[{"name": "get_weather", "arguments": {"place": "Bonn"}}]<|/tool_call|>',
    ],
  ])('with its calls, by %s', (family, generated) => {
    const tools = [weather];
    const { text } = render(family, [user('W?')], { tools });
    const messages = [user('W?'), call('get_weather', { place: 'Bonn' }), result('21')];
    expect(render(family, messages, { tools }).text.startsWith(text + generated)).toBe(true);
  });

  it('but by mistral not when there are tools, which stand before the last question', () => {
    const tools = [weather];
    const { text } = render('mistral', [user('W?')], { tools });
    const next = render('mistral', [user('W?'), assistant('21'), user('More')], { tools }).text;
    expect(text.startsWith('[AVAILABLE_TOOLS] [{"type": "function"')).toBe(true);
    expect(next).toMatch(/^\[INST\] W\?\[\/INST\] 21<\/s>\[AVAILABLE_TOOLS\]/);
  });
});

describe('thinking', () => {
  it.each([
    ['qwen3', null, /assistant\n$/, false],
    ['qwen3', true, /assistant\n$/, false],
    ['qwen3', 'high', /assistant\n$/, false],
    ['qwen3', false, /<think>\n\n<\/think>\n\n$/, false],
    ['deepseek-r1', null, /<think>\n$/, true],
    ['deepseek-r1', false, /<think>\n\n<\/think>\n\n$/, false],
    ['qwen2.5', false, /assistant\n$/, false],
  ] as const)('of %s set to %s', (family, thinking, end, opened) => {
    const rendered = render(family, [user('<think>')], thinking === null ? {} : { thinking });
    expect(rendered.text).toMatch(end);
    expect(rendered.thinkingOpened).toBe(opened);
  });
});
