import { describe, expect, it } from 'vitest';
import { type Capabilities, capabilitiesOf } from '../../src/rkllm/capabilities.ts';
import { runtimeVersions } from '../../src/rkllm/versions.ts';
import { isBefore } from './simulated-board.ts';

/** First version that can do it: RKLLM SDK headers. */
const since = {
  keepHistory: '1.2.0',
  logits: '1.2.0',
  clearKvCache: '1.2.0',
  chatTemplate: '1.2.0',
  kvCacheSize: '1.2.1',
  functionTools: '1.2.1',
  crossAttention: '1.2.1',
  roleAndThinking: '1.2.1',
  counters: '1.2.1',
  perRunSampling: '1.3.0',
  releasesBuffer: '1.3.0',
  ownTokenizer: '1.3.0',
} as const satisfies Record<keyof Capabilities, string>;

describe('what a runtime can do', () => {
  it.each(runtimeVersions)('is what %s has', (version) => {
    const expected = Object.fromEntries(
      Object.entries(since).map(([name, first]) => [name, !isBefore(version, first)]),
    );
    expect(capabilitiesOf(version)).toEqual(expected);
  });
});
