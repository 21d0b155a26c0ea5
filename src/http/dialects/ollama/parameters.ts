import type { Modelfile } from '../../../library/index.ts';

type Value = string | number;

/** The parameters of a Modelfile by Ollama's names; a key may come several times (`stop`). */
export function parametersOf(settings: Modelfile): readonly (readonly [string, Value])[] {
  const { sampling = {}, stop = [] } = settings;
  const single: readonly (readonly [string, Value | undefined])[] = [
    ['num_ctx', settings.numCtx],
    ['num_predict', settings.maxNewTokens],
    ['num_keep', settings.numKeep],
    ['repeat_last_n', settings.repeatLastN],
    ['temperature', sampling.temperature],
    ['top_k', sampling.topK],
    ['top_p', sampling.topP],
    ['min_p', sampling.minP],
    ['repeat_penalty', sampling.repeatPenalty],
    ['frequency_penalty', sampling.frequencyPenalty],
    ['presence_penalty', sampling.presencePenalty],
    ['mirostat', sampling.mirostat],
    ['mirostat_tau', sampling.mirostatTau],
    ['mirostat_eta', sampling.mirostatEta],
    ['seed', sampling.seed],
  ];
  const given = single.flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return [...given, ...stop.map((text) => ['stop', text] as const)];
}

/** What `/api/create` may set under `parameters`. */
export const parameterNames: ReadonlySet<string> = new Set([
  'num_ctx',
  'num_predict',
  'num_keep',
  'repeat_last_n',
  'temperature',
  'top_k',
  'top_p',
  'min_p',
  'repeat_penalty',
  'frequency_penalty',
  'presence_penalty',
  'mirostat',
  'mirostat_tau',
  'mirostat_eta',
  'seed',
  'stop',
]);
