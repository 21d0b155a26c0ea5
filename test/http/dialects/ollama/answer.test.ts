import { describe, expect, it } from 'vitest';
import type { GenerationEvent } from '../../../../src/engine/index.ts';
import {
  AnswerReader,
  chatShape,
  generateShape,
  joinParts,
} from '../../../../src/http/dialects/ollama/answer.ts';
import { done, text } from '../../fakes.ts';

const thought = (words: string): GenerationEvent => ({
  type: 'reasoning',
  choice: 0,
  text: words,
  tokens: 1,
});
const call = (name: string, id?: string): GenerationEvent => ({
  type: 'tool_call',
  choice: 0,
  tokens: 1,
  call: { name, arguments: { a: 1 }, ...(id !== undefined && { id }) },
});

describe('the parts of an answer', () => {
  it.each<[string, GenerationEvent[], object[]]>([
    ['texts', [text('Hel'), text(''), text('lo')], [{ content: 'Hello' }]],
    [
      'thoughts before a text',
      [thought('so'), thought('!'), text('Yes')],
      [{ content: '', thinking: 'so!' }, { content: 'Yes' }],
    ],
    ['nothing', [text('')], []],
  ])('join %s', (_, events, parts) => {
    expect(new AnswerReader(true).read(events)).toEqual(parts);
  });

  it('are calls with nothing beside them, numbered over the whole answer', () => {
    const reader = new AnswerReader(true);
    const first = reader.read([text('Now: '), call('f', 'mine'), text('and')]);
    expect(first.map(chatShape)).toEqual([
      { message: { role: 'assistant', content: 'Now: ' } },
      {
        message: {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'mine', function: { index: 0, name: 'f', arguments: { a: 1 } } }],
        },
      },
      { message: { role: 'assistant', content: 'and' } },
    ]);
    const [second] = reader.read([call('g')]);
    expect(second?.toolCalls).toEqual([
      {
        id: expect.stringMatching(/^call_\w{8}$/),
        function: expect.objectContaining({ index: 1 }),
      },
    ]);
  });

  it('have no thoughts for who asked not to think', () => {
    const reader = new AnswerReader(false);
    expect(reader.read([thought('so'), text('Yes'), thought('?')])).toEqual([{ content: 'Yes' }]);
  });

  it('make one whole', () => {
    const reader = new AnswerReader(true);
    const parts = [...reader.read([thought('so')]), ...reader.read([text('Y'), call('f', 'x')])];
    const whole = joinParts([...parts, ...reader.read([text('es')])]);
    expect(whole).toMatchObject({ content: 'Yes', thinking: 'so', toolCalls: [{ id: 'x' }] });
    expect(generateShape(whole)).toEqual({ response: 'Yes', thinking: 'so' });
    expect(joinParts([])).toEqual({ content: '' });
  });
});

describe('the end of an answer', () => {
  it('counts whole nanoseconds', () => {
    const reader = new AnswerReader(true);
    expect(reader.ending()).toBeUndefined();
    const timings = { queueMs: 1, loadMs: 1.5, prefillMs: 0.0000015, decodeMs: 150.25 };
    reader.read([text('Hi'), done({ timings })]);
    expect(reader.ending()).toEqual({
      done: true,
      done_reason: 'stop',
      total_duration: expect.any(Number),
      load_duration: 1_500_000,
      prompt_eval_count: 12,
      prompt_eval_duration: 2,
      eval_count: 3,
      eval_duration: 150_250_000,
    });
  });

  it('measures what the runtime does not tell, and invents no count', () => {
    const reader = new AnswerReader(true);
    const usage = {
      promptTokens: null,
      cachedTokens: null,
      completionTokens: 1,
      reasoningTokens: 0,
    };
    const timings = { queueMs: 10_000, loadMs: 0, prefillMs: null, decodeMs: null };
    reader.read([done({ usage, timings })]);
    const ending = reader.ending();
    expect(ending).not.toHaveProperty('prompt_eval_count');
    expect(ending).toMatchObject({ prompt_eval_duration: 0, eval_duration: expect.any(Number) });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'stop'],
    ['abort', 'unload'],
  ] as const)('for the reason %s is called %s', (finishReason, doneReason) => {
    const reader = new AnswerReader(true);
    reader.read([done({ finishReason })]);
    expect(reader.ending()).toMatchObject({ done_reason: doneReason });
  });
});
