import * as z from 'zod';
import type { Sampling } from '../../../engine/index.ts';

/** Sampling of a request: OpenAI's own fields, and those that other servers added to its API. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).max(1_000_000).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repetition_penalty: z.number().min(0).max(100).nullish(),
  repeat_penalty: z.number().min(0).max(100).nullish(),
  mirostat: z.int().min(0).max(2).nullish(),
  mirostat_tau: z.number().min(0).max(100).nullish(),
  mirostat_eta: z.number().min(0).max(100).nullish(),
};

type SamplingFields = z.output<z.ZodObject<typeof samplingFields>>;

/** Each field's name on the wire, and the engine's; of two for one, the later wins. */
const names: readonly (readonly [keyof SamplingFields, keyof Sampling])[] = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['repeat_penalty', 'repeatPenalty'],
  ['repetition_penalty', 'repeatPenalty'],
  ['mirostat', 'mirostat'],
  ['mirostat_tau', 'mirostatTau'],
  ['mirostat_eta', 'mirostatEta'],
];

export function samplingOf(body: SamplingFields): Sampling {
  const sampling: Sampling = {};
  for (const [wireName, name] of names) {
    const value = body[wireName];
    // -1 is how some clients write "no top_k".
    if (typeof value === 'number' && !(name === 'topK' && value < 0)) sampling[name] = value;
  }
  return sampling;
}

/** The engine's names of fields as this API's clients know them. */
export function wireNames(engineNames: readonly string[]): readonly string[] {
  const known = new Map<string, string>(names.map(([wire, name]) => [name, wire]));
  return engineNames.map((name) => known.get(name) ?? name);
}
