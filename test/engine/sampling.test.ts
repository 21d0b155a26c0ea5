import { describe, expect, it } from 'vitest';
import { defaultSampling, namesOf, runSampling } from '../../src/engine/sampling.ts';

describe('defaultSampling', () => {
  it('is what the runtime’s manual names as its defaults', () => {
    expect(defaultSampling).toEqual({
      topK: 40,
      topP: 0.9,
      temperature: 0.8,
      repeatPenalty: 1.1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      mirostat: 0,
      mirostatTau: 5,
      mirostatEta: 0.1,
    });
  });
});

describe('namesOf', () => {
  it.each([
    ['nothing', {}, []],
    ['what is set', { temperature: 0.5, topK: 1 }, ['temperature', 'topK']],
    ['a zero too', { temperature: 0, mirostat: 0 }, ['temperature', 'mirostat']],
  ])('names %s', (_, sampling, names) => {
    expect(namesOf(sampling)).toEqual(names);
  });
});

describe('runSampling', () => {
  it('keeps what the runtime knows, and leaves out what only other servers do', () => {
    const settings = { temperature: 0, topK: 1, seed: 42, minP: 0.1 };
    expect(runSampling(settings)).toEqual({ temperature: 0, topK: 1 });
  });
});
