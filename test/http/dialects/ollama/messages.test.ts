import { describe, expect, it } from 'vitest';
import {
  chatMessages,
  messages,
  tools,
  toolsOf,
} from '../../../../src/http/dialects/ollama/messages.ts';

const read = (given: object[]) => chatMessages(messages.parse(given) ?? []);
const call = (name: string, more: object = {}) => ({ function: { name, arguments: {} }, ...more });

describe('messages', () => {
  it('may lack their content, and write their role as they like', () => {
    expect(read([{ role: 'USER' }, { role: 'assistant', content: null, thinking: 'so' }])).toEqual([
      { role: 'user', content: '' },
      { role: 'assistant', content: '', reasoning: 'so' },
    ]);
  });

  it('with results of tools belong to the calls in their order', () => {
    const [, first, second, third] = read([
      { role: 'assistant', tool_calls: [call('f'), call('g')] },
      { role: 'tool', content: '1' },
      { role: 'tool', content: '2' },
      { role: 'tool', content: '3' },
    ]);
    expect(first).toEqual({ role: 'tool', content: '1', toolName: 'f', toolCallId: 'call_0_0' });
    expect(second).toEqual({ role: 'tool', content: '2', toolName: 'g', toolCallId: 'call_0_1' });
    expect(third).toEqual({ role: 'tool', content: '3' });
  });

  it('with results of tools may name their call', () => {
    const [, second, first] = read([
      { role: 'assistant', tool_calls: [call('f', { id: 'a' }), call('g', { id: 'b' })] },
      { role: 'tool', content: '2', tool_call_id: 'b' },
      { role: 'tool', content: '1', tool_name: 'f' },
    ]);
    expect(second).toMatchObject({ toolName: 'g', toolCallId: 'b' });
    expect(first).toMatchObject({ toolName: 'f', toolCallId: 'a' });
  });

  it('carry images as their files were', () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    for (const text of [
      png.toString('base64'),
      `data:image/png;base64,${png.toString('base64')}`,
    ]) {
      const [message] = read([{ role: 'user', content: 'What?', images: [text] }]);
      expect(message?.content).toEqual([
        { type: 'image', mediaType: 'image/png', data: png },
        { type: 'text', text: 'What?' },
      ]);
    }
  });

  it.each([
    [{ role: 'user', images: ['bm90IGFuIGltYWdl'] }, /^images\.0: /],
    [{ role: 'tool', images: ['iVBORw0KGgo='] }, /^messages\.0\.images: /],
  ])('are refused: %j', (message, words) => {
    expect(() => read([message])).toThrow(words);
  });

  it.each([
    [{ role: 'owner' }],
    [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
    [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }],
  ])('are of another shape than %j', (message) => {
    expect(messages.safeParse([message]).success).toBe(false);
  });
});

describe('tools', () => {
  it('may have no parameters', () => {
    const given = [{ type: 'function', function: { name: 'f', description: null } }];
    expect(toolsOf(tools.parse(given))).toEqual([
      { name: 'f', parameters: { type: 'object', properties: {} } },
    ]);
  });
});
