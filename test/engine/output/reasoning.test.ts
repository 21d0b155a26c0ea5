import { describe, expect, it } from 'vitest';
import type { OutputOptions } from '../../../src/engine/output/index.ts';
import { cutsOf, outputOf, type Shown, weather, withTools } from './streams.ts';

const opened: OutputOptions = { reasoning: { opened: true } };
const hm = { think: 'Hm.' };
const call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';

const cases: [what: string, options: OutputOptions, output: string, events: Shown[]][] = [
  ['<think>', {}, '<think>\nHm.\n</think>\n\nHello.', [hm, 'Hello.']],
  ['<thinking>', {}, '<thinking>Hm.</thinking>Hello.', [hm, 'Hello.']],
  ['<thought>', {}, '<thought>\nHm.\n</thought>\nHello.', [hm, 'Hello.']],
  ['<reasoning>', {}, '<reasoning>Hm.</reasoning>\nHello.', [hm, 'Hello.']],
  ['Seed-OSS', {}, '<seed:think>Hm.</seed:think>Hello.', [hm, 'Hello.']],
  ['Cohere', {}, '<|START_THINKING|>Hm.<|END_THINKING|>Hello.', [hm, 'Hello.']],
  ['Magistral', {}, '[THINK]Hm.[/THINK]Hello.', [hm, 'Hello.']],
  ['Kimi', {}, '◁think▷Hm.◁/think▷Hello.', [hm, 'Hello.']],
  ['Gemma 4', {}, '<|channel>thought\nHm.\n<channel|>Hello.', [hm, 'Hello.']],
  ['Gemma 4 that does not think', {}, '<|channel>thought\n<channel|>Hello.', ['Hello.']],
  ['MiniCPM 3', {}, '<|thought_start|>\nHm.\n<|thought_end|>\nHello.', [hm, 'Hello.']],
  [
    'gpt-oss',
    {},
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>',
    [hm, 'Hello.'],
  ],
  ['gpt-oss that does not think', {}, '<|channel|>final<|message|>Hello.', ['Hello.']],
  [
    'gpt-oss with a preamble',
    {},
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>First this.<|end|><|start|>assistant<|channel|>analysis<|message|>Well.<|end|><|start|>assistant<|channel|>final<|message|>Hello.',
    [hm, 'First this.', { think: 'Well.' }, 'Hello.'],
  ],
  ['a tag behind white space', {}, '\n <think>Hm.</think> Hello.', [hm, 'Hello.']],
  ['a tag that the prompt opened', opened, 'Hm.\n</think>\n\nHello.', [hm, 'Hello.']],
  [
    'a tag that the prompt opened and the model repeats',
    opened,
    '<think>\nHm.\n</think>\n\nHello.',
    [hm, 'Hello.'],
  ],
  ['another tag that the prompt opened', opened, 'Hm.[/THINK]Hello.', [hm, 'Hello.']],
  ['an empty block', {}, '<think>\n\n</think>\n\nHello.', ['Hello.']],
  ['an empty block that the prompt opened', opened, '\n</think>\n\nHello.', ['Hello.']],
  ['an unclosed block', {}, '<think>\nHm.\n', [hm]],
  ['an unclosed block that the prompt opened', opened, 'Hm.', [hm]],
  ['a block cut in its closing tag', {}, '<think>Hm.</thi', [{ think: 'Hm.</thi' }]],
  ['a block alone', {}, '<think>Hm.</think>\n', [hm]],
  [
    'two blocks',
    {},
    '<think>Hm.</think>\n<think>Well.</think>\nHello.',
    [{ think: 'Hm.Well.' }, 'Hello.'],
  ],
  [
    'paragraphs',
    {},
    '<think>\nHm.\n\n  Well.\n</think>Hello.\n',
    [{ think: 'Hm.\n\n  Well.' }, 'Hello.\n'],
  ],
  [
    'another closing tag inside',
    {},
    '<think>Not </thinking> yet.</think>Hello.',
    [{ think: 'Not </thinking> yet.' }, 'Hello.'],
  ],
  ['no block', {}, '  Hello.\n', ['  Hello.\n']],
  ['a tag further on', {}, 'Use <think> and </think>.', ['Use <think> and </think>.']],
  [
    'a tag in an answer behind a block',
    {},
    '<think>Hm.</think>The <think> tag.',
    [hm, 'The <think> tag.'],
  ],
  ['a tag that is none', {}, '<thinker>Hello.', ['<thinker>Hello.']],
  ['a tag that is cut', {}, '<thin', ['<thin']],
  ['nothing', {}, '', []],
  [
    'a call behind a block',
    withTools('qwen3'),
    `<think>Hm.</think>\n\n${call}`,
    [hm, weather('Paris')],
  ],
  [
    'a call and text behind a block',
    withTools('qwen3'),
    `<think>Hm.</think>\n\nOk.\n${call}`,
    [hm, 'Ok.', weather('Paris')],
  ],
  [
    'a bare call behind a block',
    withTools('qwen3'),
    '<think>Hm.</think>\n\n{"name": "get_weather", "arguments": {"city": "Paris"}}',
    [hm, weather('Paris')],
  ],
  [
    'a call that ends an unclosed block',
    withTools('qwen3'),
    `<think>\nHm.\n${call}`,
    [hm, weather('Paris')],
  ],
  [
    'a call that ends a block',
    withTools('qwen3'),
    `<think>\nHm.\n${call}\n</think>\n`,
    [hm, weather('Paris')],
  ],
  [
    'a draft of a call',
    withTools('qwen3'),
    `<think>\nHm.\n${call}\nOr not.\n</think>\nHello.`,
    [{ think: `Hm.\n${call}\nOr not.` }, 'Hello.'],
  ],
  [
    'a draft of a call before an answer',
    withTools('qwen3'),
    `<think>\n${call}</think>\nHello.`,
    [{ think: call }, 'Hello.'],
  ],
  [
    'a draft of a call and the call',
    withTools('qwen3'),
    `<think>\nHm.\n${call}\n</think>\n${call}`,
    [{ think: `Hm.\n${call}` }, weather('Paris')],
  ],
  [
    'JSON in a block',
    withTools('qwen3'),
    '<think>{"name": "get_weather", "arguments": {"city": "Paris"}}</think>Hello.',
    [{ think: '{"name": "get_weather", "arguments": {"city": "Paris"}}' }, 'Hello.'],
  ],
];

describe('reasoning', () => {
  it.each(cases)('is told from the answer: %s, however it is cut', (_, options, output, events) => {
    for (const pieces of cutsOf(output)) {
      expect({ pieces, events: outputOf(options, pieces) }).toEqual({ pieces, events });
    }
  });

  it('stays in a call for gpt-oss without tools', () => {
    const output = '<|channel|>commentary to=functions.x<|message|>{"a": 1}<|call|>';
    for (const pieces of cutsOf(output)) expect(outputOf({}, pieces)).toEqual(['{"a": 1}']);
  });
});
