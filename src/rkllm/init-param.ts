/** Parameters of `rkllm_init`, and what becomes of them in each version's `RKLLMParam`. */
import type { NativeMemory, StructValues } from './memory.ts';
import type { RunSampling } from './run-memory.ts';
import { type AbiGroup, isAtLeast } from './versions.ts';

/** Lengths are in tokens. */
export interface InitParams {
  modelPath: string;
  maxContextLength: number;
  /** Most tokens of one run; -1: until the end of sequence. */
  maxNewTokens: number;
  /** KV entries kept at the front when a conversation overflows (1.2.0). -1: the runtime's choice. */
  nKeep: number;
  /** What is left out is the library's own default. */
  sampling: Partial<RunSampling>;
  /** IOMMU domain; 0 belongs to RKNN (rknn-llm issue 195). */
  baseDomainId: number;
  /** Embedding table read from the file on demand instead of kept in memory (1.2.0). */
  embedFlash: boolean;
  /** CPUs for the parts that do not run on the NPU; `count` must be the number of bits in `mask`. */
  cpus: { count: number; mask: number };
  batchSize?: number;
  crossAttention?: boolean;
  skipSpecialTokens?: boolean;
  ignoreEos?: boolean;
  /** For `runAsync`. */
  isAsync?: boolean;
}

/** Field values of `RKLLMParam`; `defaults` is what `rkllm_createDefaultParam` gave. */
export function initParamValues(
  group: AbiGroup,
  memory: NativeMemory,
  params: InitParams,
  defaults: unknown,
): StructValues {
  const values: StructValues = {
    ...samplingDefaults(defaults),
    ...samplingValues(params.sampling),
    model_path: memory.string(params.modelPath),
    max_context_len: params.maxContextLength,
    max_new_tokens: params.maxNewTokens,
    skip_special_token: params.skipSpecialTokens ?? true,
    is_async: params.isAsync ?? false,
    'extend_param.base_domain_id': params.baseDomainId,
  };
  if (isAtLeast(group, 'B')) {
    values['n_keep'] = params.nKeep;
    values['extend_param.embed_flash'] = params.embedFlash ? 1 : 0;
    values['extend_param.enabled_cpus_num'] = params.cpus.count;
    values['extend_param.enabled_cpus_mask'] = params.cpus.mask;
  }
  if (isAtLeast(group, 'C')) {
    values['extend_param.n_batch'] = params.batchSize ?? 1;
    values['extend_param.use_cross_attn'] = params.crossAttention ? 1 : 0;
  }
  if (isAtLeast(group, 'D')) {
    values['ignore_eos_token'] = params.ignoreEos ?? false;
  } else {
    for (const tag of ['img_start', 'img_end', 'img_content']) values[tag] = memory.string('');
  }
  return values;
}

const samplingFields = {
  topK: 'top_k',
  topP: 'top_p',
  temperature: 'temperature',
  repeatPenalty: 'repeat_penalty',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  mirostat: 'mirostat',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
} as const satisfies Record<keyof RunSampling, string>;

function samplingValues(sampling: Partial<RunSampling>): StructValues {
  const values: StructValues = {};
  for (const [key, field] of Object.entries(samplingFields)) {
    const value = sampling[key as keyof RunSampling];
    if (value !== undefined) values[field] = value;
  }
  return values;
}

function samplingDefaults(defaults: unknown): StructValues {
  const values: StructValues = {};
  if (typeof defaults !== 'object' || defaults === null) return values;
  for (const field of Object.values(samplingFields)) {
    const value: unknown = Reflect.get(defaults, field);
    if (typeof value === 'number') values[field] = value;
  }
  return values;
}
