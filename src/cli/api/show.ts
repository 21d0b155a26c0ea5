import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { relativeTime } from '../units.ts';

const model = z.looseObject({
  modelfile: z.string(),
  parameters: z.string(),
  template: z.string(),
  system: z.string().optional(),
  license: z.string(),
  details: z.object({
    family: z.string(),
    parameter_size: z.string(),
    quantization_level: z.string(),
    parent_model: z.string(),
  }),
  model_info: z.record(z.string(), z.unknown()),
  capabilities: z.array(z.string()),
  modified_at: z.string(),
  problem: z.string().optional(),
});

type ShownModel = z.output<typeof model>;

/** What is known of a model. Throws `CliError`, `not_found` too. */
export function showModel(client: Client, name: string): Promise<ShownModel> {
  return client.post('/api/show', { model: name }, model);
}

/** The same for a person; what is not known has no value. */
export function factsOf(name: string, shown: ShownModel): [string, string | undefined][] {
  const { details, capabilities, model_info: info } = shown;
  const known = (key: string) => (info[key] === undefined ? undefined : String(info[key]));
  const inFamily = (key: string) => known(`${details.family}.${key}`);
  return [
    ['Model', name],
    ['Cannot be loaded', shown.problem],
    ['Derives from', details.parent_model],
    ['Architecture', details.family],
    ['Parameters', details.parameter_size],
    ['Quantization', details.quantization_level],
    ['Context length', inFamily('context_length')],
    ['Embedding length', inFamily('embedding_length')],
    ['Made for', known('rkllm.platform')],
    ['NPU cores', known('rkllm.npu_cores')],
    ['Toolkit', known('rkllm.toolkit_version')],
    ['Capabilities', capabilities.join(', ')],
    ['Modified', relativeTime(new Date(shown.modified_at))],
    ['System', shown.system],
    ['Defaults', shown.parameters.trim().replaceAll(/ +/g, ' ').replaceAll('\n', ', ')],
    [
      'License',
      shown.license
        .split('\n')
        .find((line) => line.trim() !== '')
        ?.trim(),
    ],
  ];
}
