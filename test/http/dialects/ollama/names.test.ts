import { describe, expect, it } from 'vitest';
import { digestOf, findModel, taggedName } from '../../../../src/http/dialects/ollama/names.ts';
import { fakeServices } from '../../fakes.ts';

describe('the name that a model is listed by', () => {
  it.each([
    ['model1.rkllm', 'model1:latest'],
    ['folder', 'folder:latest'],
    ['tagged:1b', 'tagged:1b'],
    // There is another model called "both".
    ['both.rkllm', 'both.rkllm:latest'],
    ['both', 'both:latest'],
  ])('of %s is %s', (name, listed) => {
    const { catalogue } = fakeServices();
    catalogue.names.unshift('folder', 'tagged:1b', 'both', 'both.rkllm');
    expect(taggedName(name, catalogue)).toBe(listed);
  });
});

describe('a name without a model', () => {
  it('is told in the words that clients know', () => {
    const { catalogue } = fakeServices();
    expect(() => findModel(catalogue, 'nobody:7b')).toThrow("model 'nobody:7b' not found");
    expect(() => findModel(catalogue, '')).toThrow('model is required');
    expect(() => findModel(catalogue, '../x')).toThrow(/may not contain/);
  });
});

describe('a digest', () => {
  it('is the same each time, before the real one is known', () => {
    const model = fakeServices().catalogue.find('model1');
    expect(digestOf(model)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(model)).toBe(digestOf({ ...model }));
    expect(digestOf(model)).not.toBe(digestOf({ ...model, sizeBytes: 1 }));
    expect(digestOf({ ...model, digest: 'abc' })).toBe('abc');
  });
});
