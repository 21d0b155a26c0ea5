import * as z from 'zod';
import type { GenerationRequest, Sampling } from '../../../engine/index.ts';

const upTo100 = z.number().min(0).max(100).nullish();
const penalty = z.number().min(-100).max(100).nullish();
const whole = z.number().nullish();
/** The runtime's numbers have 32 bits. */
const mostInt32 = 2 ** 31 - 1;

/** Ollama's `options`; those that mean nothing on this NPU are accepted without effect. */
export const options = z
  .object({
    temperature: upTo100,
    top_k: whole,
    top_p: z.number().min(0).max(1).nullish(),
    repeat_penalty: upTo100,
    frequency_penalty: penalty,
    presence_penalty: penalty,
    mirostat: z.number().min(0).max(2).nullish(),
    mirostat_tau: upTo100,
    mirostat_eta: upTo100,
    seed: whole.describe('No effect: the runtime has none.'),
    num_predict: whole.describe('Most tokens to generate; below 1: no limit.'),
    num_ctx: whole.describe('Context in tokens; less where the model allows less.'),
    stop: z
      .union([z.string(), z.array(z.string())], 'expected a string or a list of strings')
      .nullish(),
  })
  .nullish();

type Options = z.output<typeof options>;

type SamplingOption = Exclude<
  keyof NonNullable<Options>,
  'seed' | 'num_predict' | 'num_ctx' | 'stop'
>;

/** Each sampling option's name on the wire, and the engine's. */
const samplingNames: readonly (readonly [SamplingOption, keyof Sampling])[] = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['repeat_penalty', 'repeatPenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['mirostat', 'mirostat'],
  ['mirostat_tau', 'mirostatTau'],
  ['mirostat_eta', 'mirostatEta'],
  ['top_k', 'topK'],
];
/** As Ollama does, a fraction of these is cut off. */
const wholeNumbers: ReadonlySet<string> = new Set(['mirostat', 'top_k']);

type OptionFields = Pick<
  GenerationRequest,
  'sampling' | 'seed' | 'maxTokens' | 'contextLength' | 'stop'
>;

/** What the options mean to the engine. */
export function optionFields(given: Options): OptionFields {
  const { seed, num_predict, num_ctx, stop, ...rest }: NonNullable<Options> = given ?? {};
  const sampling: Sampling = {};
  for (const [wireName, name] of samplingNames) {
    const value = rest[wireName];
    if (typeof value !== 'number') continue;
    sampling[name] = wholeNumbers.has(wireName) ? Math.min(Math.trunc(value), mostInt32) : value;
  }
  // Ollama's "all of them".
  if (sampling.topK !== undefined && sampling.topK < 1) delete sampling.topK;
  const maxTokens = positive(num_predict);
  const contextLength = positive(num_ctx);
  const stops = (typeof stop === 'string' ? [stop] : (stop ?? [])).filter((text) => text !== '');
  return {
    sampling,
    // -1 is Ollama's "any".
    ...(typeof seed === 'number' && seed >= 0 && { seed: Math.trunc(seed) }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(contextLength !== undefined && { contextLength }),
    ...(stops.length > 0 && { stop: stops }),
  };
}

/** The engine's names of options as Ollama's clients know them. */
export function wireNames(names: readonly string[]): readonly string[] {
  const known = new Map<string, string>(samplingNames.map(([wire, name]) => [name, wire]));
  return names.map((name) => known.get(name) ?? name);
}

function positive(value: number | null | undefined): number | undefined {
  const number = Math.trunc(value ?? 0);
  return number > 0 ? Math.min(number, mostInt32) : undefined;
}
