import { abiGroupOf, isAtLeast, type RuntimeVersion } from './versions.ts';

/** What one version of the runtime can do. */
export interface Capabilities {
  /** Sampling and token limit per run (1.3.0). */
  perRunSampling: boolean;
  /** Conversations kept in the KV cache (1.2.0). */
  keepHistory: boolean;
  logits: boolean;
  clearKvCache: boolean;
  kvCacheSize: boolean;
  chatTemplate: boolean;
  functionTools: boolean;
  crossAttention: boolean;
  /** `role` and `enable_thinking` of an input (1.2.1). */
  roleAndThinking: boolean;
  /** The runtime counts tokens and times itself (1.2.1). */
  counters: boolean;
  /** A callback may return 2 to free an output buffer (1.3.0); before, only 0 is known to go on. */
  releasesBuffer: boolean;
  /** Own tokenizer and embedding table (1.3.0). */
  ownTokenizer: boolean;
}

export function capabilitiesOf(version: RuntimeVersion): Capabilities {
  const group = abiGroupOf(version);
  const since = (first: Parameters<typeof isAtLeast>[1]) => isAtLeast(group, first);
  return {
    perRunSampling: since('D'),
    keepHistory: since('B'),
    logits: since('B'),
    clearKvCache: since('B'),
    kvCacheSize: since('C'),
    chatTemplate: since('B'),
    functionTools: since('C'),
    crossAttention: since('C'),
    roleAndThinking: since('C'),
    counters: since('C'),
    releasesBuffer: since('D'),
    ownTokenizer: since('D'),
  };
}
