/**
 * The structs of librkllmrt as one table of data: each field with the ABI groups in which it
 * exists. Layouts follow from it by the natural alignment rules of LP64 (aarch64 and x86-64 agree).
 * Source: RKLLM SDK headers 1.1.0 to 1.3.1; `test/rkllm/abi.test.ts` holds every offset against
 * what a C compiler made of them.
 */
import { type AbiGroup, isAtLeast } from './versions.ts';

export type Scalar = 'bool' | 'i8' | 'u8' | 'i32' | 'u32' | 'f32' | 'size' | 'pointer';
type FieldType = Scalar | { struct: StructName } | { bytes: number };

interface Field {
  name: string;
  type: FieldType;
  /** First group that has the field; left out: always there. */
  since?: AbiGroup;
  /** First group that no longer has it. */
  until?: AbiGroup;
}

/** Rockchip's names without their `RKLLM` prefix. */
export type StructName =
  | 'ExtendParam'
  | 'Param'
  | 'LoraAdapter'
  | 'EmbedInput'
  | 'TokenInput'
  | 'MultiModalInput'
  | 'Input'
  | 'LoraParam'
  | 'PromptCacheParam'
  | 'InferParam'
  | 'ResultLastHiddenLayer'
  | 'ResultLogits'
  | 'PerfStat'
  | 'Result'
  | 'CrossAttnParam'
  | 'SamplingParam'
  | 'Callback';

const f = (name: string, type: FieldType, range: Pick<Field, 'since' | 'until'> = {}): Field => ({
  name,
  type,
  ...range,
});
const struct = (name: StructName): FieldType => ({ struct: name });
const bytes = (length: number): FieldType => ({ bytes: length });

const structs: Record<StructName, readonly Field[]> = {
  ExtendParam: [
    f('base_domain_id', 'i32'),
    f('reserved', bytes(112), { until: 'B' }),
    f('embed_flash', 'i8', { since: 'B' }),
    f('enabled_cpus_num', 'i8', { since: 'B' }),
    f('enabled_cpus_mask', 'u32', { since: 'B' }),
    f('reserved', bytes(106), { since: 'B', until: 'C' }),
    f('n_batch', 'u8', { since: 'C' }),
    f('use_cross_attn', 'i8', { since: 'C' }),
    f('reserved', bytes(104), { since: 'C' }),
  ],
  Param: [
    f('model_path', 'pointer'),
    f('max_context_len', 'i32'),
    f('max_new_tokens', 'i32'),
    f('top_k', 'i32'),
    f('n_keep', 'i32', { since: 'B' }),
    f('top_p', 'f32'),
    f('temperature', 'f32'),
    f('repeat_penalty', 'f32'),
    f('frequency_penalty', 'f32'),
    f('presence_penalty', 'f32'),
    f('mirostat', 'i32'),
    f('mirostat_tau', 'f32'),
    f('mirostat_eta', 'f32'),
    f('skip_special_token', 'bool'),
    f('ignore_eos_token', 'bool', { since: 'D' }),
    f('is_async', 'bool'),
    f('img_start', 'pointer', { until: 'D' }),
    f('img_end', 'pointer', { until: 'D' }),
    f('img_content', 'pointer', { until: 'D' }),
    f('extend_param', struct('ExtendParam')),
  ],
  LoraAdapter: [
    f('lora_adapter_path', 'pointer'),
    f('lora_adapter_name', 'pointer'),
    f('scale', 'f32'),
  ],
  EmbedInput: [f('embed', 'pointer'), f('n_tokens', 'size')],
  TokenInput: [f('input_ids', 'pointer'), f('n_tokens', 'size')],
  /** One flat struct until 1.2.3, nested ones (same field order) since 1.3.0. */
  MultiModalInput: [
    f('prompt', 'pointer'),
    f('image.image_embed', 'pointer'),
    f('image.n_image_tokens', 'size'),
    f('image.n_image', 'size', { since: 'B1' }),
    f('image.image_start', 'pointer', { since: 'D' }),
    f('image.image_end', 'pointer', { since: 'D' }),
    f('image.image_content', 'pointer', { since: 'D' }),
    f('image.image_width', 'size', { since: 'B1' }),
    f('image.image_height', 'size', { since: 'B1' }),
    f('video.video_embed', 'pointer', { since: 'D' }),
    f('video.n_frame_tokens', 'size', { since: 'D' }),
    f('video.n_frame_per_video', 'size', { since: 'D' }),
    f('video.n_video', 'size', { since: 'D' }),
    f('video.video_start', 'pointer', { since: 'D' }),
    f('video.video_end', 'pointer', { since: 'D' }),
    f('video.video_content', 'pointer', { since: 'D' }),
    f('video.frame_width', 'size', { since: 'D' }),
    f('video.frame_height', 'size', { since: 'D' }),
    f('audio.audio_embed', 'pointer', { since: 'E' }),
    f('audio.n_audio_tokens', 'size', { since: 'E' }),
    f('audio.n_audio', 'size', { since: 'E' }),
    f('audio.audio_start', 'pointer', { since: 'E' }),
    f('audio.audio_end', 'pointer', { since: 'E' }),
    f('audio.audio_content', 'pointer', { since: 'E' }),
  ],
  /** `input` is a C union of all inputs; the multimodal one is the largest in every version. */
  Input: [
    f('role', 'pointer', { since: 'C' }),
    f('enable_thinking', 'bool', { since: 'C' }),
    f('input_type', 'i32'),
    f('input', struct('MultiModalInput')),
  ],
  LoraParam: [f('lora_adapter_name', 'pointer')],
  PromptCacheParam: [f('save_prompt_cache', 'i32'), f('prompt_cache_path', 'pointer')],
  InferParam: [
    f('mode', 'i32'),
    f('lora_params', 'pointer'),
    f('prompt_cache_params', 'pointer'),
    f('sampling_params', 'pointer', { since: 'D' }),
    f('keep_history', 'i32', { since: 'B' }),
    f('max_new_tokens', 'i32', { since: 'D' }),
  ],
  ResultLastHiddenLayer: [
    f('hidden_states', 'pointer'),
    f('embd_size', 'i32'),
    f('num_tokens', 'i32'),
  ],
  ResultLogits: [f('logits', 'pointer'), f('vocab_size', 'i32'), f('num_tokens', 'i32')],
  PerfStat: [
    f('prefill_time_ms', 'f32'),
    f('prefill_tokens', 'i32'),
    f('generate_time_ms', 'f32'),
    f('generate_tokens', 'i32'),
    f('memory_usage_mb', 'f32'),
  ],
  Result: [
    f('text', 'pointer'),
    f('token_id', 'i32'),
    f('last_hidden_layer', struct('ResultLastHiddenLayer')),
    f('logits', struct('ResultLogits'), { since: 'B' }),
    f('perf', struct('PerfStat'), { since: 'C' }),
  ],
  CrossAttnParam: [
    f('encoder_k_cache', 'pointer'),
    f('encoder_v_cache', 'pointer'),
    f('encoder_mask', 'pointer'),
    f('encoder_pos', 'pointer'),
    f('num_tokens', 'i32'),
  ],
  SamplingParam: [
    f('top_k', 'i32'),
    f('top_p', 'f32'),
    f('temperature', 'f32'),
    f('repeat_penalty', 'f32'),
    f('frequency_penalty', 'f32'),
    f('presence_penalty', 'f32'),
    f('mirostat', 'i32'),
    f('mirostat_tau', 'f32'),
    f('mirostat_eta', 'f32'),
  ],
  Callback: [
    f('result_callback', 'pointer'),
    f('result_userdata', 'pointer'),
    f('tokenizer_callback', 'pointer'),
    f('tokenizer_userdata', 'pointer'),
    f('embed_callback', 'pointer'),
    f('embed_userdata', 'pointer'),
  ],
};

/** `LLMCallState`. Group A has a value 4 besides, for hidden layers. */
export const callState = {
  normal: 0,
  waiting: 1,
  finish: 2,
  error: 3,
  lastHiddenLayer: 4,
} as const;

/** `RKLLMInputType`. */
export const inputType = { prompt: 0, token: 1, embed: 2, multimodal: 3 } as const;

/** `RKLLMInferMode`; logits are absent from group A. */
export const inferMode = { generate: 0, lastHiddenLayer: 1, logits: 2 } as const;

export interface FieldLayout {
  /** Bytes from the start of the struct. */
  offset: number;
  /** Bytes. */
  size: number;
  type: FieldType;
}

export interface StructLayout {
  /** `sizeof`, in bytes, tail padding included. */
  size: number;
  /** Bytes. */
  alignment: number;
  fields: ReadonlyMap<string, FieldLayout>;
}

const scalarSize: Record<Scalar, number> = {
  bool: 1,
  i8: 1,
  u8: 1,
  i32: 4,
  u32: 4,
  f32: 4,
  size: 8,
  pointer: 8,
};

/** Names of all structs. */
export const structNames = Object.keys(structs) as readonly StructName[];

/** Offsets and size of a struct in one ABI group (LP64). */
export function layoutOf(name: StructName, group: AbiGroup): StructLayout {
  const fields = new Map<string, FieldLayout>();
  let offset = 0;
  let alignment = 1;
  for (const field of fieldsOf(name, group)) {
    const extent = extentOf(field.type, group);
    offset = roundUp(offset, extent.alignment);
    alignment = Math.max(alignment, extent.alignment);
    fields.set(field.name, { offset, size: extent.size, type: field.type });
    offset += extent.size;
  }
  return { size: roundUp(offset, alignment), alignment, fields };
}

function fieldsOf(name: StructName, group: AbiGroup): Field[] {
  return structs[name].filter(
    ({ since, until }) =>
      (since === undefined || isAtLeast(group, since)) &&
      (until === undefined || !isAtLeast(group, until)),
  );
}

function extentOf(type: FieldType, group: AbiGroup): { size: number; alignment: number } {
  if (typeof type === 'string') {
    return { size: scalarSize[type], alignment: scalarSize[type] };
  }
  if ('bytes' in type) return { size: type.bytes, alignment: 1 };
  return layoutOf(type.struct, group);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
