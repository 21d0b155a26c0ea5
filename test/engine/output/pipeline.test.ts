import { describe, expect, it } from 'vitest';
import { OutputPipeline } from '../../../src/engine/output/index.ts';
import { randomFrom } from '../../support/random.ts';
import { cutsOf, outputOf, weather, withTools } from './streams.ts';

const json = '{"name": "get_weather", "arguments": {"city": "Paris"}}';

/** What each piece brings out at once. */
function steps(pipeline: OutputPipeline, pieces: readonly string[]): string[] {
  return pieces.map((piece) =>
    pipeline
      .push(piece)
      .map((event) => (event.type === 'tool_call' ? `(${event.call.name})` : event.text))
      .join(''),
  );
}

describe('OutputPipeline', () => {
  it.each<[what: string, pieces: string[], shown: string[]]>([
    ['an answer', ['Hel', 'lo ', '<b>', ' ok'], ['Hel', 'lo', ' <b>', ' ok']],
    ['a tag that might come', ['a <', 'tool', 'box', '>'], ['a', '', ' <toolbox', '>']],
    ['a JSON answer', ['{"', 'temp', '": 21', '}'], ['', '', '{"temp": 21', '}']],
    ['a link', ['[Pa', 'ris', '](x)', ' is'], ['', '', '[Paris](x)', ' is']],
    ['a word', ['get', '_weather ', 'is', ' it'], ['', '', 'get_weather is', ' it']],
    ['code', ['```py', 'thon\n', 'import', ' os'], ['', '', '```python\nimport', ' os']],
    [
      'a call',
      ['<tool_call>', json, '</tool', '_call>', '\nA'],
      ['', '(get_weather)', '', '', 'A'],
    ],
    ['a bare call', [json.slice(0, 30), json.slice(30), '\n', 'A'], ['', '(get_weather)', '', 'A']],
    ['an unknown tool', ['<tool_call>{"name": ', '"x"', ', "arguments": '], ['', '', '']],
  ])('gives out as early as it can: %s', (_, pieces, shown) => {
    expect(steps(new OutputPipeline(withTools()), pieces)).toEqual(shown);
  });

  it('gives out reasoning and answers without delay where there are no tools', () => {
    const pieces = ['<think>', 'Hm', ' so', '</think>', '\n\n', '{', '"a" ', '\n'];
    const shown = ['', 'Hm', ' so', '', '', '{', '"a" ', '\n'];
    expect(steps(new OutputPipeline({}), pieces)).toEqual(shown);
  });

  it('tells whether there was a call', () => {
    const pipeline = new OutputPipeline(withTools());
    pipeline.push(json.slice(0, -1));
    expect(pipeline.sawToolCall).toBe(false);
    pipeline.push('}');
    expect(pipeline.sawToolCall).toBe(true);
  });

  it('releases a call that is too long as text, and goes on', () => {
    const long = `<tool_call>{"name": "get_weather", "arguments": {"city": "${'x'.repeat(300_000)}`;
    const pipeline = new OutputPipeline(withTools());
    const shown = pipeline.push(long);
    expect(shown).toEqual([{ type: 'text', text: long }]);
    expect(pipeline.push(' y')).toEqual([{ type: 'text', text: ' y' }]);
  });

  it('gives the same however a random output is cut, and loses no text', () => {
    const random = randomFrom(7);
    const parts = [
      '<tool_call>',
      '</tool_call>',
      json,
      '{"name": "x"}',
      'word ',
      '\n',
      '<think>',
      '</think>',
    ]
      .concat([
        '```json\n',
        '```',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        ',',
        '<function=get_weather>',
        '</function>',
      ])
      .concat([
        '<parameter=city>',
        '</parameter>',
        'get_weather(',
        'city="a"',
        ')',
        '[TOOL_CALLS]',
        '<|"|>',
        '(',
      ]);
    for (let round = 0; round < 200; round++) {
      const size = 1 + Math.floor(random() * 12);
      const output = Array.from(
        { length: size },
        () => parts[Math.floor(random() * parts.length)] ?? '',
      ).join('');
      const whole = outputOf(withTools(), [output]);
      const cuts = cutsOf(output);
      for (const pieces of [cuts[1] ?? [], ...cuts.slice(-10)]) {
        expect({ pieces, events: outputOf(withTools(), pieces) }).toEqual({
          pieces,
          events: whole,
        });
      }
      if (!output.includes('</think>') && !output.includes('get_weather')) {
        const text = whole
          .map((part) => (typeof part === 'string' ? part : 'think' in part ? part.think : ''))
          .join('');
        expect(squeezed(text)).toBe(
          squeezed(
            output.trimStart().startsWith('<think>')
              ? output.replaceAll(/^(\s*<think>)/g, '')
              : output,
          ),
        );
      }
    }
  });

  it('finds a call behind any text that is no call', () => {
    const output = `I look.\n<tool_call>${json}</tool_call>`;
    expect(outputOf(withTools(), [output])).toEqual(['I look.', weather('Paris')]);
  });
});

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
