import type { RunSampling } from '../rkllm/index.ts';
import type { Sampling } from './types.ts';

/** The runtime's own defaults (RKLLM SDK manual 1.3.0), stated so that a run can override one. */
export const defaultSampling: RunSampling = {
  topK: 40,
  topP: 0.9,
  temperature: 0.8,
  repeatPenalty: 1.1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
};

/** The names of the fields that are set. */
export function namesOf(sampling: Sampling): string[] {
  return Object.entries(sampling)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
}

/** The fields that the runtime knows; `seed` and `minP` of other servers' files are not among them. */
export function runSampling(settings: Sampling): Sampling {
  const known = Object.keys(defaultSampling);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => known.includes(name)));
}
