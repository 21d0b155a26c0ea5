import { describe, expect, it } from 'vitest';
import { OutputPipeline } from '../../../src/engine/output/index.ts';
import { randomFrom } from '../../support/random.ts';
import { cutsOf, outputOf } from './streams.ts';

const repetition = { minRepeats: 4, minSpan: 60, maxPeriod: 40 };
const sentence = 'I am sorry, I can not do that. ';

describe('a repetition', () => {
  it('ends the output, at the same place however it is cut', () => {
    const output = `It is late. ${sentence.repeat(20)}`;
    const whole = outputOf({ repetition }, [output]).join('');
    expect(output.startsWith(whole)).toBe(true);
    expect(whole.length).toBeLessThan(12 + sentence.length * 4 + 64);
    for (const pieces of cutsOf(output)) expect(outputOf({ repetition }, pieces)).toEqual([whole]);
  });

  it('is told at once, with everything that was held back', () => {
    const pipeline = new OutputPipeline({ repetition, stop: ['that. I am sorry, you'] });
    const shown = pipeline.push(sentence.repeat(20)).map((event) => 'text' in event && event.text);
    expect(pipeline.stopped).toBe('repetition');
    expect(shown.join('').length % 64).toBe(0);
    expect(pipeline.push('more')).toEqual([]);
    expect(pipeline.end()).toEqual([]);
  });

  it('is noticed in reasoning too', () => {
    const pipeline = new OutputPipeline({ repetition });
    pipeline.push(`<think>${'Wait, '.repeat(50)}`);
    expect(pipeline.stopped).toBe('repetition');
  });

  it.each([
    ['different sentences', Array.from({ length: 200 }, (_, i) => `Line ${i * i}. `).join('')],
    ['a ruler', `${'-'.repeat(300)}\n`],
    ['a table', `${'| --- '.repeat(40)}|\n${'| 1.0 '.repeat(40)}|\n`],
    ['a sentence said five times', sentence.repeat(5)],
  ])('is not seen with its usual limits in %s', (_, output) => {
    const pipeline = new OutputPipeline({ repetition: {} });
    pipeline.push(output);
    expect(pipeline.stopped).toBeNull();
  });

  it('is seen with its usual limits in a loop, whatever was before', () => {
    const random = randomFrom(2);
    for (const period of [1, 2, 7, 64, 128, 299]) {
      const letters = () => String.fromCharCode(97 + Math.floor(random() * 26));
      const part = Array.from({ length: period }, letters).join('');
      const pipeline = new OutputPipeline({ repetition: {} });
      for (let round = 0; round < 2000 && pipeline.stopped === null; round++) pipeline.push(part);
      expect({ period, stopped: pipeline.stopped }).toEqual({ period, stopped: 'repetition' });
    }
  });

  it('is let through where nobody asked', () => {
    const pipeline = new OutputPipeline({});
    pipeline.push('a'.repeat(10_000));
    expect(pipeline.stopped).toBeNull();
  });
});
