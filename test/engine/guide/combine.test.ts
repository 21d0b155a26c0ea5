import { describe, expect, it } from 'vitest';
import {
  anyObject,
  choice,
  compileGuide,
  literal,
  sequence,
} from '../../../src/engine/guide/index.ts';

async function toolCall() {
  const tool = async (name: string, parameters: unknown) =>
    sequence(
      literal(`<tool_call>\n{"name": "${name}", "arguments": `),
      await compileGuide(parameters),
      literal('}\n</tool_call>'),
    );
  return choice(
    await tool('turn_on', {
      type: 'object',
      properties: { area: { type: 'string' } },
      required: ['area'],
    }),
    await tool('turn_off', { type: 'object', properties: {}, additionalProperties: false }),
    await tool('dim', {
      type: 'object',
      properties: { level: { type: 'integer', maximum: 9 } },
      required: ['level'],
    }),
  );
}

describe('a choice of frames around schemas', () => {
  it('forces the frame up to the name', async () => {
    const { start } = await toolCall();
    expect(start.forced).toBe('<tool_call>\n{"name": "');
    expect(start.accept('<tool_call>\n{"name": "d').state.forced).toBe(
      'im", "arguments": {"level":',
    );
    expect(start.accept('<tool_call>\n{"name": "turn_of').state.forced).toBe(
      'f", "arguments": {}}\n</tool_call>',
    );
  });

  it('knows the arguments of each', async () => {
    const guide = await toolCall();
    const call = (name: string, json: string) =>
      `<tool_call>\n{"name": "${name}", "arguments": ${json}}\n</tool_call>`;
    for (const text of [call('dim', '{"level": 3}'), call('turn_on', '{"area": "x", "more": 1}')]) {
      expect(guide.start.accept(text).state.ended).toBe(true);
      expect(await guide.validate(text)).toBeNull();
    }
    const text = call('dim', '{"level": 10}');
    const valid = '<tool_call>\n{"name": "dim", "arguments": {"level": 1';
    expect(text.slice(0, guide.start.accept(text).accepted)).toBe(valid);
    expect(await guide.validate(call('dim', '{"level": 10}'))).not.toBeNull();
    expect(await guide.validate(call('turn_on', '{}'))).not.toBeNull();
  });

  it('closes in the frame', async () => {
    const { start } = await toolCall();
    expect(start.closing()).toBe(
      '<tool_call>\n{"name": "turn_off", "arguments": {}}\n</tool_call>',
    );
    expect(
      start.accept('<tool_call>\n{"name": "turn_on", "arguments": {"area": "k').state.closing(),
    ).toBe('"}}\n</tool_call>');
  });

  it('tells a document from a call', async () => {
    const guide = choice(anyObject, await toolCall());
    expect(guide.start.forced).toBe('');
    expect(guide.start.accept('{').state.closing()).toBe('}');
    expect(guide.start.accept('<').state.forced).toBe('tool_call>\n{"name": "');
  });

  it('keeps apart as many tools as a client may send', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `tool_${index}`);
    const guide = choice(...names.map((name) => sequence(literal(`${name}(`), literal(')'))));
    for (const name of names) expect(guide.start.accept(`${name}()`).state.ended).toBe(true);
  });
});
