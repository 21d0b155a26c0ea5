import { describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { answerObject } from '../../../../src/http/dialects/rkllama/answer.ts';
import { StreamEncoder } from '../../../../src/http/dialects/rkllama/stream-encoder.ts';
import { done, text } from '../../fakes.ts';

const objects = (bytes: string): unknown[] =>
  bytes
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const step = (content: string, completionTokens: number, tokensPerSecond: number | null) =>
  answerObject(1_736_675_000, content, null, {
    prompt_tokens: null,
    completion_tokens: completionTokens,
    total_tokens: null,
    tokens_per_second: tokensPerSecond,
  });

describe('the encoder of streamed answers', () => {
  it('writes one object and two newlines per token, with running usage', () => {
    const encoder = new StreamEncoder(1_736_675_000);
    const first = encoder.encode([text('Hel'), text('lo')], 1000);
    expect(first).toMatch(/^\{.*\}\n\n\{.*\}\n\n$/);
    expect(objects(first)).toEqual([step('Hel', 1, null), step('lo', 2, null)]);
    // Four tokens, three of them in the 100 ms since the first.
    expect(objects(encoder.encode([text('!'), text('?')], 1100))).toEqual([
      step('!', 3, 30),
      step('?', 4, 30),
    ]);
  });

  it('counts a token that completes no character, and does not write it', () => {
    const encoder = new StreamEncoder(1_736_675_000);
    expect(encoder.encode([text('')], 1000)).toBe('');
    expect(objects(encoder.encode([text('é')], 1000))).toEqual([step('é', 2, null)]);
  });

  it.each([
    'quote " backslash \\',
    'line\nfeed',
    '\u0000\u001f',
    '👍🏽 ملح',
    '\ud800',
    '</script>',
  ])('keeps %j intact', (content) => {
    const bytes = new StreamEncoder(1_736_675_000).encode([text(content)], 1000);
    expect(bytes.trimEnd()).not.toContain('\n');
    expect(objects(bytes)).toEqual([step(content, 1, null)]);
  });

  it('ends with empty content, the finish reason and the runtime’s counters', () => {
    const encoder = new StreamEncoder(1_736_675_000);
    const bytes = encoder.encode([text('Hi'), done({ finishReason: 'length' })], 1000);
    expect(objects(bytes).at(-1)).toEqual(
      answerObject(1_736_675_000, '', 'length', {
        prompt_tokens: 12,
        completion_tokens: 3,
        total_tokens: 15,
        tokens_per_second: 20,
      }),
    );
    expect(encoder.finished).toBe(true);
  });

  it('measures the speed itself where the runtime has no clock', () => {
    const encoder = new StreamEncoder(1_736_675_000);
    encoder.encode([text('a')], 1000);
    const timings = { queueMs: 0, loadMs: 0, prefillMs: null, decodeMs: null };
    const bytes = encoder.encode([text('b'), text('c'), done({ timings })], 2000);
    expect(objects(bytes).at(-1)).toMatchObject({ usage: { tokens_per_second: 2 } });
  });

  it('ends a failed answer with the reason', () => {
    const encoder = new StreamEncoder(1_736_675_000);
    encoder.encode([text('a')], 1000);
    expect(
      objects(
        encoder.encodeError(new ApplianceError('runtime_crashed', 'The runtime died.'), 1000),
      ),
    ).toEqual([
      {
        ...answerObject(1_736_675_000, '', 'error', {
          prompt_tokens: null,
          completion_tokens: 1,
          total_tokens: null,
          tokens_per_second: null,
        }),
        error: 'The runtime died.',
      },
    ]);
    expect(encoder.finished).toBe(false);
  });
});
