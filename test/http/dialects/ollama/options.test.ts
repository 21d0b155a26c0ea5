import { describe, expect, it } from 'vitest';
import { optionFields, options, wireNames } from '../../../../src/http/dialects/ollama/options.ts';

describe('options', () => {
  it.each([
    [undefined, { sampling: {} }],
    [null, { sampling: {} }],
    [
      { temperature: 0, top_k: 40.9, top_p: 0.9, repeat_penalty: 1.1, mirostat: 1, min_p: 0.1 },
      { sampling: { temperature: 0, topK: 40, topP: 0.9, repeatPenalty: 1.1, mirostat: 1 } },
    ],
    [
      { presence_penalty: 1, frequency_penalty: -1, mirostat_tau: 5, mirostat_eta: 0.1 },
      { sampling: { presencePenalty: 1, frequencyPenalty: -1, mirostatTau: 5, mirostatEta: 0.1 } },
    ],
    [
      { num_predict: 128.7, num_ctx: 8192, seed: 3, stop: 'x', num_gpu: 99 },
      { sampling: {}, maxTokens: 128, contextLength: 8192, seed: 3, stop: ['x'] },
    ],
    [
      { num_predict: -1, num_ctx: 0, seed: -1, top_k: -1, temperature: null, stop: ['', 'a'] },
      { sampling: {}, stop: ['a'] },
    ],
    [
      { top_k: 1e308, num_predict: 1e308, num_ctx: 2 ** 53 },
      { sampling: { topK: 2147483647 }, maxTokens: 2147483647, contextLength: 2147483647 },
    ],
  ])('%j mean %j', (given, expected) => {
    expect(optionFields(options.parse(given))).toEqual(expected);
  });

  it.each([[{ temperature: '0.5' }], [{ top_p: 2 }], [{ stop: [1] }], ['none']])(
    '%j are refused',
    (given) => {
      expect(options.safeParse(given).success).toBe(false);
    },
  );

  it('that cannot be honoured are told by their own names', () => {
    expect(wireNames(['topK', 'seed'])).toEqual(['top_k', 'seed']);
  });
});
