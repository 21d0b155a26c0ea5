import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../src/library/index.ts';
import type { RuntimeVersion } from '../../src/rkllm/index.ts';
import { bestFit, fitOf, type ModelNeeds } from '../../src/runtimes/index.ts';

/** A model of this toolkit, which runtimes before it refuse. */
function model(toolkitVersion: string | null): ModelNeeds {
  return {
    name: `by ${toolkitVersion}`,
    toolkitVersion,
    refusal: (version) =>
      toolkitVersion !== null && compareVersions(toolkitVersion, version) > 0 ? 'too new' : null,
  };
}

const all: RuntimeVersion[] = ['1.1.4', '1.2.1b1', '1.2.3', '1.3.0', '1.3.1'];

describe('the best runtime', () => {
  it.each<[string, RuntimeVersion[], (string | null)[], RuntimeVersion]>([
    ['is the newest for models of old toolkits', all, ['1.1.4', '1.2.1'], '1.3.1'],
    ['is the newest where there are no models', all, [], '1.3.1'],
    ['is the newest where a model tells no toolkit', all, [null], '1.3.1'],
    ['is 1.3.0 for its own models', ['1.2.3', '1.3.0'], ['1.3.0'], '1.3.0'],
    ['is not 1.3.0 for models that it never ends', ['1.2.3', '1.3.0'], ['1.2.2'], '1.2.3'],
    ['is 1.3.0 all the same when one needs it', ['1.2.3', '1.3.0'], ['1.2.2', '1.3.0'], '1.3.0'],
    ['is no beta where there is a release', ['1.2.0', '1.2.1b1'], ['1.1.4'], '1.2.0'],
    ['is a beta where a model needs it', ['1.2.0', '1.2.1b1'], ['1.2.1b1'], '1.2.1b1'],
    ['loads the most models', ['1.2.3', '1.1.4'], ['1.2.0', '1.3.0'], '1.2.3'],
  ])('%s', (_, candidates, toolkits, expected) => {
    expect(bestFit(candidates, toolkits.map(model))?.version).toBe(expected);
  });

  it('is none among none', () => {
    expect(bestFit([], [model('1.2.3')])).toBeNull();
  });

  it('tells which models it leaves out and which it serves badly', () => {
    const models = ['1.2.2', '1.3.0', '1.3.1', '1.1.4'].map(model);
    expect(fitOf('1.3.0', models)).toEqual({
      version: '1.3.0',
      refused: ['by 1.3.1'],
      faulty: ['by 1.2.2'],
    });
  });
});
