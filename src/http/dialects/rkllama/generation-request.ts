import type { ChatMessage, GenerationRequest, Sampling } from '../../../engine/index.ts';
import { formatIn } from '../../answer-format.ts';
import type { GenerateOptions, GenerateRequest } from './schemas.ts';

/** Each sampling option's name on the wire, and the engine's. */
const samplingNames: readonly (readonly [keyof GenerateOptions, keyof Sampling])[] = [
  ['temperature', 'temperature'],
  ['top_k', 'topK'],
  ['top_p', 'topP'],
  ['repeat_penalty', 'repeatPenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['mirostat', 'mirostat'],
  ['mirostat_tau', 'mirostatTau'],
  ['mirostat_eta', 'mirostatEta'],
];

/** `model` is the resolved name of a loaded model; without it the current one answers. */
export function generationRequest(
  body: GenerateRequest,
  messages: readonly ChatMessage[],
  model: string | undefined,
): GenerationRequest {
  const { format } = formatIn(body.format);
  const sampling: Sampling = {};
  for (const [wireName, name] of samplingNames) {
    const value = option(body, wireName);
    if (value !== undefined) sampling[name] = value;
  }
  const maxTokens =
    option(body, 'max_new_tokens') ?? option(body, 'num_predict') ?? option(body, 'max_tokens');
  return {
    messages,
    sampling,
    mustBeLoaded: true,
    // Clients of this API read thoughts in the text, unless the text is to be JSON.
    ...(format ? { format } : { raw: true }),
    ...(model !== undefined && { model }),
    // As with Ollama's num_predict, -1 lifts the limit; so does every number below one.
    ...(maxTokens !== undefined && maxTokens > 0 && { maxTokens }),
  };
}

/** The engine's names of options as this API's clients know them. */
export function wireNames(names: readonly string[]): readonly string[] {
  const known = new Map<string, string>(samplingNames.map(([wire, name]) => [name, wire]));
  known.set('maxTokens', 'max_new_tokens');
  return names.map((name) => known.get(name) ?? name);
}

/** `options` come first; the same names at the top level are understood too. */
function option(body: GenerateRequest, name: keyof GenerateOptions): number | undefined {
  return body.options?.[name] ?? body[name] ?? undefined;
}
