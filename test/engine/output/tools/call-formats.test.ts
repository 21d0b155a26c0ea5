import { describe, expect, it } from 'vitest';
import { cutsOf, outputOf, type Shown, weather, withTools } from '../streams.ts';

type Case = [what: string, family: string, output: string, events: Shown[]];

const paris = weather('Paris');
const rome = weather('Rome');
const json = '{"name": "get_weather", "arguments": {"city": "Paris"}}';
const json2 = '{"name": "get_weather", "arguments": {"city": "Rome"}}';

const cases: Case[] = [
  // Qwen 2.5 and 3, Hermes.
  ['a tagged call', 'qwen3', `<tool_call>\n${json}\n</tool_call>`, [paris]],
  ['a call on one line', 'qwen3', `<tool_call>${json}</tool_call>`, [paris]],
  [
    'two tagged calls',
    'qwen3',
    `<tool_call>\n${json}\n</tool_call>\n<tool_call>\n${json2}\n</tool_call>`,
    [paris, rome],
  ],
  [
    'two calls in one block',
    'qwen3',
    `<tool_call>\n${json}\n${json2}\n</tool_call>`,
    [paris, rome],
  ],
  ['two calls with a comma', 'qwen3', `<tool_call>${json},\n${json2}</tool_call>`, [paris, rome]],
  ['an array of calls', 'qwen3', `<tool_call>[${json}, ${json2}]</tool_call>`, [paris, rome]],
  ['no closing tag', 'qwen3', `<tool_call>\n${json}`, [paris]],
  [
    'no closing tag before the next call',
    'qwen3',
    `<tool_call>\n${json}\n<tool_call>\n${json2}\n</tool_call>`,
    [paris, rome],
  ],
  ['no closing tag before text', 'qwen3', `<tool_call>${json}\nDone.`, [paris, 'Done.']],
  [
    'text before a call',
    'qwen3',
    `Let me look.\n\n<tool_call>\n${json}\n</tool_call>`,
    ['Let me look.', paris],
  ],
  ['text behind a call', 'qwen3', `<tool_call>\n${json}\n</tool_call>\n\nDone.`, [paris, 'Done.']],
  [
    'text around calls',
    'qwen3',
    `A <tool_call>${json}</tool_call> B <tool_call>${json2}</tool_call> C`,
    ['A', paris, 'B', rome, 'C'],
  ],
  [
    'a fence inside the tags',
    'qwen3',
    `<tool_call>\n\`\`\`json\n${json}\n\`\`\`\n</tool_call>`,
    [paris],
  ],
  ['a doubled opening tag', 'qwen3', `<tool_call>\n<tool_call>\n${json}\n</tool_call>`, [paris]],
  ['a doubled closing tag', 'qwen3', `<tool_call>\n${json}\n</tool_call>\n</tool_call>`, [paris]],
  ['the tag of the tool list', 'qwen2.5', `<tools>\n${json}\n</tools>`, [paris]],
  [
    'a tag around tags',
    'qwen2.5',
    `<tool_calls>\n<tool_call>${json}</tool_call>\n</tool_calls>`,
    [paris],
  ],
  ['function_call tags', 'hermes', `<function_call>${json}</function_call>`, [paris]],
  ['one brace too many', 'qwen2.5', `<tool_call>\n${json}}\n</tool_call>`, [paris]],
  ['a bare call of a tagged family', 'qwen2.5', json, [paris]],
  // Qwen3-Coder, Seed-OSS, Llama with tags.
  [
    'arguments in tags',
    'qwen3-coder',
    '<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>',
    [weather('Paris', { days: 3 })],
  ],
  [
    'arguments in tags, none around',
    'qwen3-coder',
    '<function=get_weather><parameter=city>Paris</parameter></function>',
    [paris],
  ],
  [
    'no closing function tag',
    'qwen3-coder',
    '<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</tool_call>',
    [paris],
  ],
  [
    'no arguments in tags',
    'qwen3-coder',
    '<tool_call>\n<function=get_time>\n</function>\n</tool_call>',
    [{ name: 'get_time', arguments: {} }],
  ],
  [
    'two functions in one block',
    'qwen3-coder',
    '<tool_call><function=get_weather><parameter=city>Paris</parameter></function><function=get_time></function></tool_call>',
    [paris, { name: 'get_time', arguments: {} }],
  ],
  [
    'a closing tag in a value',
    'qwen3-coder',
    '<function=write_file>\n<parameter=path>\na.xml\n</parameter>\n<parameter=content>\n<x></function></x>\n</parameter>\n</function>',
    [{ name: 'write_file', arguments: { path: 'a.xml', content: '<x></function></x>' } }],
  ],
  [
    'lines and spaces in a value',
    'qwen3-coder',
    '<function=write_file><parameter=path>a</parameter><parameter=content>\n  if x:\n    y\n\n</parameter></function>',
    [{ name: 'write_file', arguments: { path: 'a', content: '  if x:\n    y\n' } }],
  ],
  [
    'seed tags',
    'seed-oss',
    '<seed:tool_call><function=get_weather><parameter=city>Paris</parameter></function></seed:tool_call>',
    [paris],
  ],
  [
    'invoke tags',
    'minimax',
    '<function_calls>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n</invoke>\n</function_calls>',
    [paris],
  ],
  [
    'a function tag with JSON',
    'llama-3',
    '<function=get_weather>{"city": "Paris"}</function>',
    [paris],
  ],
  [
    'a function tag with JSON, unclosed',
    'llama-3',
    '<function=get_weather>{"city": "Paris"}',
    [paris],
  ],
  [
    'GLM arguments',
    'glm-4.5',
    '<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>',
    [weather('Paris', { days: 3 })],
  ],
  // Llama 3.
  [
    'parameters for arguments',
    'llama-3',
    '{"name": "get_weather", "parameters": {"city": "Paris"}}',
    [paris],
  ],
  [
    'a typed function',
    'llama-3',
    '{"type": "function", "name": "get_weather", "parameters": {"city": "Paris"}}',
    [paris],
  ],
  [
    'the name under function',
    'llama-3',
    '{"type": "function", "function": "get_weather", "parameters": {"city": "Paris"}}',
    [paris],
  ],
  [
    'calls with semicolons',
    'llama-3',
    '{"name": "get_weather", "parameters": {"city": "Paris"}}; {"name": "get_weather", "parameters": {"city": "Rome"}}',
    [paris, rome],
  ],
  [
    'a python tag',
    'llama-3',
    '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}<|eom_id|>',
    [paris],
  ],
  [
    'a python tag with a call',
    'llama-3',
    '<|python_tag|>search.call(query="Paris")',
    [{ name: 'search', arguments: { query: 'Paris' } }],
  ],
  [
    'a list in Python',
    'llama-3',
    '[get_weather(city="Paris"), get_weather(city=\'Rome\', days=2)]',
    [paris, weather('Rome', { days: 2 })],
  ],
  ['a call in Python', 'llama-3', 'get_weather(city="Paris")', [paris]],
  ['no arguments in Python', 'llama-3', '[get_time()]', [{ name: 'get_time', arguments: {} }]],
  // Mistral.
  ['a list behind the mark', 'mistral', `[TOOL_CALLS] [${json}]`, [paris]],
  [
    'a list with ids',
    'mistral',
    '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "VvvODy9mT"}]',
    [{ id: 'VvvODy9mT', ...paris }],
  ],
  ['a name and arguments', 'mistral', '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}', [paris]],
  [
    'two marks',
    'mistral',
    '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}',
    [paris, rome],
  ],
  [
    'a call id between',
    'mistral',
    '[TOOL_CALLS]get_weather[CALL_ID]123456789[ARGS]{"city": "Paris"}',
    [paris],
  ],
  ['no mark for arguments', 'mistral', '[TOOL_CALLS]get_weather{"city": "Paris"}', [paris]],
  ['text before the mark', 'mistral', `Sure.[TOOL_CALLS] [${json}]`, ['Sure.', paris]],
  ['the mark left out by the runtime', 'mistral', ` [${json}]`, [paris]],
  // Gemma.
  [
    'Gemma 4',
    'gemma',
    '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:3}<tool_call|>',
    [weather('Paris', { days: 3 })],
  ],
  [
    'Gemma 4, two calls',
    'gemma',
    '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|><|tool_call>call:get_weather{city:<|"|>Rome<|"|>}<tool_call|><|tool_response>',
    [paris, rome],
  ],
  [
    'Gemma 4, brackets and quotes in a string',
    'gemma',
    '<|tool_call>call:write_file{content:<|"|>{"a": [1}<|"|>,path:<|"|>x<|"|>}<tool_call|>',
    [{ name: 'write_file', arguments: { content: '{"a": [1}', path: 'x' } }],
  ],
  [
    'Gemma 4, equals signs and quotes',
    'gemma',
    "<|tool_call>call:get_weather{city='Paris'}<tool_call|>",
    [paris],
  ],
  [
    'Gemma 4, round brackets',
    'gemma',
    '<|tool_call>call:get_weather(city="Paris")<tool_call|>',
    [paris],
  ],
  [
    'Gemma 4, a namespace',
    'gemma',
    '<|tool_call>call:google:get_weather{city:"Paris"}<tool_call|>',
    [paris],
  ],
  ['Gemma 4 without its tokens', 'gemma', 'call:get_weather{city:"Paris"}', [paris]],
  [
    'FunctionGemma',
    'gemma',
    '<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>',
    [paris],
  ],
  ['Gemma 3, a fence of code', 'gemma', '```tool_code\nget_weather(city="Paris")\n```', [paris]],
  [
    'Gemma 3, printed',
    'gemma',
    '```tool_code\nprint(get_weather(city="Paris"))\n```\nDone.',
    [paris, 'Done.'],
  ],
  [
    'Gemma 3, a fence behind text',
    'gemma',
    'Okay.\n```tool_code\nget_weather(city="Paris")\nget_weather(city="Rome")\n```',
    ['Okay.', paris, rome],
  ],
  ['Gemma 3, a list', 'gemma', '[get_weather(city="Paris")]', [paris]],
  // DeepSeek.
  [
    'DeepSeek',
    'deepseek-r1',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    [paris],
  ],
  [
    'DeepSeek, two calls',
    'deepseek-r1',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Rome"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    [paris, rome],
  ],
  [
    'DeepSeek V3.1',
    'deepseek',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    [paris],
  ],
  // Phi, Granite, InternLM, MiniCPM, LFM, ChatGLM and others.
  ['Phi-4-mini', 'phi', `<|tool_call|>[${json}]<|/tool_call|>`, [paris]],
  ['Granite 3', 'granite', `<|tool_call|>[${json}]`, [paris]],
  ['Granite 3.3', 'granite', `<tool_call>[${json}]`, [paris]],
  [
    'InternLM 2',
    'internlm',
    'Sure.<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": {"city": "Paris"}}<|action_end|>\n',
    ['Sure.', paris],
  ],
  [
    'MiniCPM 3',
    'minicpm',
    '<|tool_call_start|>\n```python\nget_weather(city="Paris")\nget_time()\n```\n<|tool_call_end|>',
    [paris, { name: 'get_time', arguments: {} }],
  ],
  ['LFM2', 'lfm2', '<|tool_call_start|>[get_weather(city="Paris")]<|tool_call_end|>', [paris]],
  ['ChatGLM', 'chatglm', 'get_weather\n{"city": "Paris"}', [paris]],
  ['ChatGLM with a fence', 'chatglm', 'get_weather\n```json\n{"city": "Paris"}\n```', [paris]],
  [
    'Cohere',
    'command-r',
    '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Paris"}}]<|END_ACTION|>',
    [{ id: '0', ...paris }],
  ],
  ['Nemotron', 'nemotron', `<TOOLCALL>[${json}]</TOOLCALL>`, [paris]],
  [
    'Kimi',
    'kimi',
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Paris"}<|tool_call_end|><|tool_calls_section_end|>',
    [paris],
  ],
  [
    'gpt-oss',
    'gpt-oss',
    '<|channel|>analysis<|message|>Look it up.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>',
    [{ think: 'Look it up.' }, paris],
  ],
  [
    'gpt-oss, the recipient first',
    'gpt-oss',
    '<|channel|>analysis<|message|>Look.<|end|><|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Paris"}<|call|>',
    [{ think: 'Look.' }, paris],
  ],
  // Bare JSON.
  ['bare JSON', 'unknown', json, [paris]],
  ['bare JSON behind white space', 'unknown', `\n\n${json}\n`, [paris]],
  ['a bare array', 'unknown', `[${json},\n${json2}]`, [paris, rome]],
  ['bare lines', 'unknown', `${json}\n${json2}`, [paris, rome]],
  ['a fence', 'unknown', `\`\`\`json\n${json}\n\`\`\``, [paris]],
  ['a fence without a language', 'unknown', `\`\`\`\n${json}\n\`\`\`\nDone.`, [paris, 'Done.']],
  [
    'an OpenAI message',
    'unknown',
    '{"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}}]}',
    [{ id: 'c1', ...paris }],
  ],
  ['the tool as key', 'unknown', '{"get_weather": {"city": "Paris"}}', [paris]],
  ['bare JSON and text', 'unknown', `${json}\n\nI asked for it.`, [paris, 'I asked for it.']],
  ['bare JSON and a comma', 'unknown', `${json}, and so on`, [paris, ', and so on']],
];

describe('a call', () => {
  it.each(cases)('is read from %s (%s), however it is cut', (_, family, output, events) => {
    for (const pieces of cutsOf(output)) {
      expect({ pieces, events: outputOf(withTools(family), pieces) }).toEqual({ pieces, events });
    }
  });

  it.each(cases)('is read from %s for a model of no known family', (_, __, output, events) => {
    expect(outputOf(withTools(), [output])).toEqual(events);
  });
});
