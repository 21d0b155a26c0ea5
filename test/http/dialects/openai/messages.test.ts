import { describe, expect, it } from 'vitest';
import { messages } from '../../../../src/http/dialects/openai/messages.ts';

/** The words of the first problem, with its place. */
function problem(message: object): string {
  const issue = messages.safeParse([message]).error?.issues[0];
  return `${issue?.path.join('.')}: ${issue?.message}`;
}
const png = 'iVBORw0KGgoAAAANSUhEUg==';
const image = { type: 'image', mediaType: 'image/png', data: Buffer.from(png, 'base64') };

describe('messages', () => {
  it.each([
    [
      { role: 'developer', content: 'Be brief.' },
      { role: 'system', content: 'Be brief.' },
    ],
    [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'system', content: 'Be brief.' },
    ],
    [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'user', content: 'a\nb' },
    ],
    [
      { role: 'user', content: null },
      { role: 'user', content: '' },
    ],
    [
      { role: 'assistant', content: null, reasoning_content: 'Hm.' },
      { role: 'assistant', content: '', reasoning: 'Hm.' },
    ],
    [
      {
        role: 'assistant',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'c1', name: 'f', arguments: { a: 1 } }],
      },
    ],
    [
      { role: 'function', name: 'f', content: 'ok' },
      { role: 'tool', toolName: 'f', content: 'ok' },
    ],
  ])('%j is %j', (wire, wanted) => {
    expect(messages.parse([wire])).toEqual([wanted]);
  });

  it.each([
    { url: `data:image/png;base64,${png}`, detail: 'low' },
    { url: png },
    `data:;base64,${png}`,
  ])('carry images as %j', (image_url) => {
    const content = [
      { type: 'text', text: 'See:' },
      { type: 'image_url', image_url },
    ];
    expect(messages.parse([{ role: 'user', content }])).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'See:' }, image] },
    ]);
  });

  it('tell a result which tool it is from', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '' } };
    expect(
      messages.parse([
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ])[1],
    ).toEqual({ role: 'tool', toolCallId: 'c1', toolName: 'f', content: 'ok' });
  });

  it.each([
    [{ role: 'robot', content: 'x' }, /^0\.role: expected one of "system"/],
    [{ role: 'user', content: 5 }, /^0\.content: expected a string or a list of parts/],
    [{ role: 'user', content: [{ type: 'input_audio' }] }, /only parts of type "text"/],
    [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] },
      /^0\.content: 0\.image_url\.url: this server fetches nothing from the web/,
    ],
    [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,x' } }] },
      /expected a data: URL with base64/,
    ],
    [
      { role: 'user', content: [{ type: 'image_url', image_url: 'data:text/plain;base64,aaaa' }] },
      /expected an image/,
    ],
    [
      { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] },
      /^0\.tool_calls\.0\.function\.arguments: expected the arguments as a string of JSON/,
    ],
    [
      { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '[1]' } }] },
      /expected a string with a JSON object/,
    ],
    [
      {
        role: 'assistant',
        tool_calls: [
          { function: { name: 'f', arguments: `${'{"a":'.repeat(5e4)}1${'}'.repeat(5e4)}` } },
        ],
      },
      /expected a string with a JSON object/,
    ],
  ])('%.200j is refused in words', (wire, words) => {
    expect(problem(wire)).toMatch(words);
  });
});
