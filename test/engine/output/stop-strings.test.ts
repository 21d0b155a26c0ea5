import { describe, expect, it } from 'vitest';
import { OutputPipeline } from '../../../src/engine/output/index.ts';
import { randomFrom } from '../../support/random.ts';
import { cutsOf, outputOf, type Shown, weather, withTools } from './streams.ts';

const call = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>';

const cases: [what: string, stop: string[], output: string, events: Shown[]][] = [
  ['none', [], 'Hello.', ['Hello.']],
  ['an empty one', [''], 'Hello.', ['Hello.']],
  ['one', ['User:'], 'Hello.\nUser: Hi', ['Hello.\n']],
  ['one that is not there', ['User:'], 'Hello, User', ['Hello, User']],
  ['one at the beginning', ['Hello'], 'Hello.', []],
  ['one at the end', ['.'], 'Hello.', ['Hello']],
  ['the first of several', ['c', 'b'], 'abc', ['a']],
  ['one inside another', ['bcd', 'c'], 'abcd', ['ab']],
  ['one that ends with another', ['abc', 'c'], 'xabc', ['x']],
  ['one that begins twice', ['aab'], 'aaab', ['a']],
  ['emoji', ['😀'], 'a😁😀b', ['a😁']],
  ['a line break', ['\n\n'], 'a\nb\n\nc', ['a\nb']],
  ['one in reasoning', ['\n\n'], '<think>\na\n\nb</think>\n\nc\n\nd', [{ think: 'a\n\nb' }, 'c']],
  ['one in arguments', ['Paris'], `A${call} in Paris`, ['A', weather('Paris'), 'in ']],
  ['one before a call', ['A'], `A${call}`, []],
  ['one that a call parts', ['AB'], `A${call}B`, ['A', weather('Paris'), 'B']],
  [
    'one in what only looked like a call',
    ['launch'],
    '<tool_call>{"name": "launch"}</tool_call>',
    ['<tool_call>{"name": "'],
  ],
];

describe('a stop string', () => {
  it.each(cases)('ends the answer: %s, however it is cut', (_, stop, output, events) => {
    for (const pieces of cutsOf(output)) {
      const options = { ...withTools('qwen3'), stop };
      expect({ pieces, events: outputOf(options, pieces) }).toEqual({ pieces, events });
    }
  });

  it('is told at once, and nothing comes after it', () => {
    const pipeline = new OutputPipeline({ stop: ['STOP'] });
    expect(pipeline.push('a ST')).toEqual([{ type: 'text', text: 'a ' }]);
    expect(pipeline.stopped).toBeNull();
    expect(pipeline.push('OP b')).toEqual([]);
    expect(pipeline.stopped).toBe('stop_string');
    expect(pipeline.push('c')).toEqual([]);
    expect(pipeline.end()).toEqual([]);
    expect(pipeline.stopped).toBe('stop_string');
  });

  it('holds back nothing else', () => {
    const pipeline = new OutputPipeline({ stop: ['STOP'] });
    expect(pipeline.push('a S')).toEqual([{ type: 'text', text: 'a ' }]);
    expect(pipeline.push('x')).toEqual([{ type: 'text', text: 'Sx' }]);
  });

  it('is found where a search of the whole text finds it', () => {
    const random = randomFrom(4);
    const word = (size: number) =>
      Array.from({ length: 1 + Math.floor(random() * size) }, () =>
        'ab\n'.charAt(random() * 3),
      ).join('');
    for (let round = 0; round < 200; round++) {
      const text = `x${word(30)}`;
      const stop = Array.from({ length: 1 + Math.floor(random() * 4) }, () => word(4));
      const expected = reference(text, stop);
      for (const pieces of cutsOf(text)) {
        const shown = outputOf({ stop }, pieces).join('');
        expect({ text, stop, pieces, shown }).toEqual({ text, stop, pieces, shown: expected });
      }
      expect(stop.some((one) => expected.includes(one))).toBe(false);
    }
  });
});

/** The text before the stop string that is complete first. */
function reference(text: string, stop: readonly string[]): string {
  for (let end = 1; end <= text.length; end++) {
    const found = stop.filter((one) => text.slice(0, end).endsWith(one));
    if (found.length > 0) return text.slice(0, end - Math.max(...found.map((one) => one.length)));
  }
  return text;
}
