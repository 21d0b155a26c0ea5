import { describe, expect, it } from 'vitest';
import { toolFormatOf } from '../../../../src/engine/output/index.ts';
import type { ToolCall } from '../../../../src/engine/types.ts';
import { cutsOf, outputOf, weather, withTools } from '../streams.ts';

const turnOn = (values: Record<string, unknown>): ToolCall => ({
  name: 'HassTurnOn',
  arguments: values,
});
const write = (content: unknown): ToolCall => ({
  name: 'write_file',
  arguments: { path: 'a', content },
});

/** Behind `<tool_call>`, and as it should be understood. */
const cases: [what: string, written: string, call: ToolCall][] = [
  ['single quotes', "{'name': 'get_weather', 'arguments': {'city': 'Paris'}}", weather('Paris')],
  [
    'an apostrophe in single quotes',
    "{'name': 'get_weather', 'arguments': {'city': 'L'Aquila'}}",
    weather("L'Aquila"),
  ],
  [
    'a plural in single quotes',
    "{'name': 'search', 'arguments': {'query': 'dogs' bowls'}}",
    { name: 'search', arguments: { query: "dogs' bowls" } },
  ],
  [
    'typographic quotes',
    '{“name”: “get_weather”, “arguments”: {“city”: “Paris”}}',
    weather('Paris'),
  ],
  [
    'trailing commas',
    '{"name": "get_weather", "arguments": {"city": "Paris",},}',
    weather('Paris'),
  ],
  ['keys without quotes', '{name: "get_weather", arguments: {city: "Paris"}}', weather('Paris')],
  [
    'values without quotes',
    '{name: get_weather, arguments: {city: New York, days: 2}}',
    weather('New York', { days: 2 }),
  ],
  [
    "Python's constants",
    '{"name": "HassTurnOn", "arguments": {"a": True, "b": False, "c": None}}',
    turnOn({ a: true, b: false, c: null }),
  ],
  ['args', '{"name": "get_weather", "args": {"city": "Paris"}}', weather('Paris')],
  ['input', '{"name": "get_weather", "input": {"city": "Paris"}}', weather('Paris')],
  ['tool', '{"tool": "get_weather", "arguments": {"city": "Paris"}}', weather('Paris')],
  ['tool_name', '{"tool_name": "get_weather", "parameters": {"city": "Paris"}}', weather('Paris')],
  ['the name last', '{"arguments": {"city": "Paris"}, "name": "get_weather"}', weather('Paris')],
  [
    'a nested function',
    '{"function": {"name": "get_weather", "arguments": {"city": "Paris"}}}',
    weather('Paris'),
  ],
  [
    'an id',
    '{"id": "call_1", "name": "get_weather", "arguments": {"city": "Paris"}}',
    { id: 'call_1', ...weather('Paris') },
  ],
  [
    'arguments as a string',
    '{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}',
    weather('Paris'),
  ],
  [
    'arguments as a string in single quotes',
    `{"name": "get_weather", "arguments": "{'city': 'Paris'}"}`,
    weather('Paris'),
  ],
  [
    'arguments in a list',
    '{"name": "get_weather", "arguments": [{"city": "Paris"}]}',
    weather('Paris'),
  ],
  ['empty arguments', '{"name": "get_time", "arguments": ""}', { name: 'get_time', arguments: {} }],
  [
    'null for arguments',
    '{"name": "get_time", "arguments": null}',
    { name: 'get_time', arguments: {} },
  ],
  ['no arguments', '{"name": "get_time"}', { name: 'get_time', arguments: {} }],
  [
    'arguments beside the name',
    '{"name": "get_weather", "city": "Paris", "days": 2}',
    weather('Paris', { days: 2 }),
  ],
  [
    'an argument that is called name',
    '{"name": "kitchen", "function": "HassTurnOn"}',
    turnOn({ name: 'kitchen' }),
  ],
  [
    'an argument that is called name, nested',
    '{"name": "HassTurnOn", "arguments": {"name": "kitchen"}}',
    turnOn({ name: 'kitchen' }),
  ],
  [
    'a namespace',
    '{"name": "functions.get_weather", "arguments": {"city": "Paris"}}',
    weather('Paris'),
  ],
  [
    'another case and separator',
    '{"name": "GetWeather", "arguments": {"city": "Paris"}}',
    weather('Paris'),
  ],
  ['a missing brace', '{"name": "get_weather", "arguments": {"city": "Paris"}', weather('Paris')],
  ['all braces missing', '{"name": "get_weather", "arguments": {"city": "Paris"', weather('Paris')],
  [
    'all braces missing behind a number',
    '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3',
    weather('Paris', { days: 3 }),
  ],
  [
    'a missing bracket',
    '[{"name": "get_weather", "arguments": {"city": "Paris"}}',
    weather('Paris'),
  ],
  [
    'a bracket before a missing brace',
    '[{"name": "get_weather", "arguments": {"city": "Paris"}]',
    weather('Paris'),
  ],
  [
    'a missing comma at a line end',
    '{"name": "get_weather",\n"arguments": {"city": "Paris"\n"days": 3}}',
    weather('Paris', { days: 3 }),
  ],
  ['equals signs', '{"name"="get_weather", "arguments"={"city"="Paris"}}', weather('Paris')],
  [
    'newlines in a string',
    '{"name": "write_file", "arguments": {"path": "a", "content": "one\ntwo\n"}}',
    write('one\ntwo\n'),
  ],
  [
    'quotes in a string',
    '{"name": "write_file", "arguments": {"path": "a", "content": "say "hi" to all"}}',
    write('say "hi" to all'),
  ],
  [
    'a quote before a bracket',
    '{"name": "write_file", "arguments": {"path": "a", "content": "f("x") + g(")"}}',
    write('f("x") + g(")'),
  ],
  [
    'escapes',
    '{"name": "write_file", "arguments": {"path": "a", "content": "a\\n\\t\\"b\\" \\u00e9 \\ud83d\\ude00 \\\\"}}',
    write('a\n\t"b" é 😀 \\'),
  ],
  [
    'backslashes that escape nothing',
    '{"name": "write_file", "arguments": {"path": "a", "content": "\\d+ C:\\Windows"}}',
    write('\\d+ C:\\Windows'),
  ],
  [
    'tags in a string',
    '{"name": "write_file", "arguments": {"path": "a", "content": "</tool_call> <tool_call>{"}}',
    write('</tool_call> <tool_call>{'),
  ],
  [
    'brackets in a string',
    '{"name": "write_file", "arguments": {"path": "a", "content": "}}]}"}}',
    write('}}]}'),
  ],
  [
    'emoji and other scripts',
    '{"name": "get_weather", "arguments": {"city": "東京 🗼"}}',
    weather('東京 🗼'),
  ],
  [
    'a URL without quotes',
    '{name: search, arguments: {query: https://a.b/c?d=e}}',
    { name: 'search', arguments: { query: 'https://a.b/c?d=e' } },
  ],
  [
    'a number that text is asked for',
    '{"name": "search", "arguments": {"query": 42}}',
    { name: 'search', arguments: { query: '42' } },
  ],
  [
    'text that a number is asked for',
    '{"name": "get_weather", "arguments": {"city": "Paris", "days": "3"}}',
    weather('Paris', { days: 3 }),
  ],
  [
    'a member in capitals',
    '{"name": "get_weather", "arguments": {"city": "Paris", "unit": "Celsius"}}',
    weather('Paris', { unit: 'celsius' }),
  ],
  [
    'one value for an array',
    '{"name": "HassTurnOn", "arguments": {"domain": "light"}}',
    turnOn({ domain: ['light'] }),
  ],
  [
    'a number with more digits than fit',
    '{"name": "HassTurnOn", "arguments": {"a": 12345678901234567890}}',
    turnOn({ a: '12345678901234567890' }),
  ],
  ['a leading zero', '{"name": "HassTurnOn", "arguments": {"a": 0049}}', turnOn({ a: '0049' })],
  [
    'a key that names a prototype',
    '{"name": "HassTurnOn", "arguments": {"constructor": 1}}',
    turnOn({ constructor: 1 }),
  ],
  [
    'extra keys',
    '{"thought": "hm", "name": "get_weather", "arguments": {"city": "Paris"}, "end": 1}',
    weather('Paris'),
  ],
  ['one argument by place', 'search("Paris")', { name: 'search', arguments: { query: 'Paris' } }],
  ['an object for arguments', 'get_weather({"city": "Paris"})', weather('Paris')],
  [
    'lists and objects in Python',
    'HassTurnOn(domain=["light", \'fan\',], a={"b": None})',
    turnOn({ domain: ['light', 'fan'], a: { b: null } }),
  ],
];

describe('a call that a small model writes', () => {
  it.each(cases)('with %s is understood, however it is cut', (_, written, call) => {
    for (const pieces of cutsOf(`Ok.\n<tool_call>\n${written}\n</tool_call>\n`)) {
      expect({ pieces, events: outputOf(withTools('qwen3'), pieces) }).toEqual({
        pieces,
        events: ['Ok.', call],
      });
    }
  });
});

/** Come out as they went in. */
const texts: [what: string, text: string][] = [
  ['an ordinary answer', '  Hello, it is 3 < 4 and [so on].\n\n'],
  [
    'an unknown tool',
    '<tool_call>\n{"name": "launch", "arguments": {"city": "Paris"}}\n</tool_call>',
  ],
  [
    'an unknown tool in tags',
    'A <tool_call><function=launch><parameter=x>1</parameter></function></tool_call> B',
  ],
  ['an unknown tool, bare', '{"name": "launch", "arguments": {}}'],
  ['an unknown tool in Python', '[launch(x=1)]'],
  [
    'one unknown tool of two',
    '[{"name": "get_time", "arguments": {}}, {"name": "launch", "arguments": {}}]',
  ],
  ['no JSON', '<tool_call>\nlet me see\n</tool_call>\n'],
  ['JSON that stops', '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par'],
  ['arguments that stop', '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"'],
  [
    'arguments in tags that stop',
    '<tool_call><function=get_weather><parameter=city>Paris</parameter>',
  ],
  ['a name without the arguments yet', '<tool_call>\n{"name": "get_weather"'],
  ['talk of the tag', 'Write <tool_call> and then {"name": ...} to call.'],
  ['talk of Python', 'get_weather is what I call.'],
  ['a JSON answer', '{"temperature": 21, "unit": "celsius"}'],
  ['a JSON answer in a fence', '```json\n{"temperature": 21}\n```\n'],
  ['a JSON answer with a name', '{"name": "Ada", "born": 1815}'],
  ['a JSON schema', '{"type": "object", "properties": {}}'],
  ['a JSON array', '[1, 2, 3]'],
  ['an array of strings', '["get_weather", "search"]'],
  ['an array of objects', '[{"a": 1}, {"b": 2}]'],
  ['a link', '[Paris](https://paris.fr) is a city.'],
  ['a task list', '[ ] do this\n[x] and that'],
  ['code', '```python\nprint("hello")\n```'],
  ['code that prints', '```python\nprint(get_area(2))\n```'],
  ['inline code', '`get_weather` gets the weather.'],
  [
    'a fence behind text',
    'Like so:\n```json\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n```',
  ],
  ['a call behind text', 'Like so: {"name": "get_weather", "arguments": {"city": "Paris"}}'],
  [
    'the description of a tool',
    '{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}',
  ],
  ['an open tag', 'Hello <tool_c'],
  ['a tag alone', '<tool_call>'],
  ['white space', ' \n\n '],
  ['nothing but a bracket', '['],
  ['deep brackets', `<tool_call>{"name": "get_weather", "arguments": ${'['.repeat(200)}`],
];

describe('text that is no call', () => {
  it.each(texts)('stays as it is: %s', (_, text) => {
    for (const pieces of cutsOf(text)) {
      expect({ pieces, events: outputOf(withTools(), pieces) }).toEqual({ pieces, events: [text] });
    }
  });

  it.each(['Not <tool_call>{ but', '<tool_call>{"a": 1} and', '{"name": "x"}', '<tool_call>'])(
    'may have a call behind it: %s',
    (text) => {
      for (const pieces of cutsOf(`${text}\n<tool_call>{"name": "get_time"}</tool_call>`)) {
        const [before, call] = outputOf(withTools('qwen3'), pieces);
        expect(call ?? before).toEqual({ name: 'get_time', arguments: {} });
        if (call !== undefined) expect(before).toBe(text);
      }
    },
  );

  it('is every call, where there are no tools', () => {
    const call = '<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call>\n';
    expect(outputOf({}, [call])).toEqual([call]);
    const format = toolFormatOf('qwen3');
    expect(outputOf({ tools: { list: [], format } }, [call])).toEqual([call]);
  });
});
