/** Writes `.rkllm` files that the simulator (and nothing else) can run: real framing, a text instead of weights. */

import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { encodeHeader, type Metadata, type MetadataValue } from './container.ts';
import { encodeScript, type ScriptRule } from './script.ts';
import {
  EOS_TOKEN_ID,
  encodeVocabulary,
  FIRST_MERGE_ID,
  learnVocabulary,
  type Vocabulary,
} from './vocabulary.ts';

export type { ScriptRule } from './script.ts';

/** Codes of `rkllm.platform`. Only 0 is known of the real format; the others are the simulator's own. */
export const PLATFORM_CODES = { RK3588: 0, RK3576: 1, RK3562: 2, RV1126B: 3 } as const;

export type Platform = keyof typeof PLATFORM_CODES;

export interface ChatTemplate {
  system: string;
  prefix: string;
  postfix: string;
}

export interface ModelFileSpec {
  /** `general.architecture`; default `qwen2`. */
  architecture?: string | undefined;
  /** The SoC that the file is converted for; default RK3588. */
  platform?: Platform | undefined;
  /** NPU cores; default 3 on RK3588, 2 on RK3576, else 1. */
  npuCores?: number | undefined;
  /** The largest context that a session can ask for, in tokens; default 4096. */
  maxContext?: number | undefined;
  /** Toolkit that "converted" the file; default 1.1.0, which every runtime loads. `null` leaves the footer out. */
  toolkitVersion?: string | null | undefined;
  /** Default W8A8. */
  modelDtype?: string | undefined;
  /** Default ChatML. `null` leaves it out, as in files whose template the converter could not parse. */
  chatTemplate?: ChatTemplate | null | undefined;
  /** Whether the model thinks before it answers and its template has the switch; default false. */
  thinking?: boolean | undefined;
  /** Width of hidden states and input embeddings; default 256. */
  embeddingSize?: number | undefined;
  /** Ids in the vocabulary: fewer limit what is learned from the text, more are padded. */
  vocabSize?: number | undefined;
  /** Text that the n-gram model learns; default the demonstration text. README.md describes its form. */
  text?: string | undefined;
  /** Answers by rule; the n-gram model answers where no rule matches. */
  script?: readonly ScriptRule[] | undefined;
  /** Default true. Without it, text in and out needs the caller's tokenizer (1.3.0 and later). */
  hasTokenizer?: boolean | undefined;
  /** Default true. Without it, the runtime asks the caller's embed callback (1.3.0 and later). */
  hasEmbedding?: boolean | undefined;
  /** GGUF type of the end-of-sequence id; runtime 1.3.0 does not honour `uint32`. Default int32. */
  eosType?: 'uint32' | 'int32' | 'int32[]' | undefined;
  /** Pads the file with dummy weights up to this size. */
  sizeBytes?: number | undefined;
  /** A model (default) or a LoRA adapter. */
  kind?: 'model' | 'lora' | undefined;
}

const DEFAULT_MERGES = 4096;
const CHATML: ChatTemplate = {
  system: '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n',
  prefix: '<|im_start|>user\n',
  postfix: '<|im_end|>\n<|im_start|>assistant\n',
};
const CORES: Record<Platform, number> = { RK3588: 3, RK3576: 2, RK3562: 1, RV1126B: 1 };

/** The text of the demonstration model. */
function demoText(): string {
  return readFileSync(new URL('demo/text.txt', import.meta.url), 'utf8');
}

/** The vocabulary that a file of this spec carries. */
export function vocabularyOf(spec: ModelFileSpec): Vocabulary {
  if (spec.vocabSize !== undefined && spec.vocabSize < FIRST_MERGE_ID) {
    throw new RangeError(
      `vocabSize must be at least ${FIRST_MERGE_ID} (bytes and special tokens), got ${spec.vocabSize}`,
    );
  }
  const room = spec.vocabSize === undefined ? DEFAULT_MERGES : spec.vocabSize - FIRST_MERGE_ID;
  return learnVocabulary(spec.text ?? demoText(), Math.min(room, DEFAULT_MERGES));
}

/** The chat template that a file of this spec carries, or undefined. */
export function chatTemplateOf(spec: ModelFileSpec): ChatTemplate | undefined {
  return spec.chatTemplate === undefined ? CHATML : (spec.chatTemplate ?? undefined);
}

function eosValue(type: ModelFileSpec['eosType']): MetadataValue {
  if (type === 'int32[]') return { type: 'int32[]', value: [EOS_TOKEN_ID, EOS_TOKEN_ID - 2] };
  return { type: type ?? 'int32', value: EOS_TOKEN_ID };
}

function metadataOf(spec: ModelFileSpec): Metadata {
  const architecture = spec.architecture ?? 'qwen2';
  const platform = spec.platform ?? 'RK3588';
  const kind = spec.kind ?? 'model';
  const maxContext = spec.maxContext ?? 4096;
  const vocabulary = vocabularyOf(spec);
  const vocabSize = Math.max(spec.vocabSize ?? 0, vocabulary.tokens.length);
  const template = chatTemplateOf(spec);
  const metadata: Metadata = {
    'general.architecture': { type: 'string', value: architecture },
    'general.type': { type: 'string', value: kind === 'lora' ? 'adapter' : 'model' },
    'general.file_type': { type: 'uint32', value: 1 },
    'general.alignment': { type: 'uint32', value: 32 },
    'rkllm.platform': { type: 'uint32', value: PLATFORM_CODES[platform] },
    'rkllm.core_num': { type: 'uint32', value: spec.npuCores ?? CORES[platform] },
    'rkllm.version': { type: 'string', value: spec.toolkitVersion ?? 'unknown' },
    'sim.model_dtype': { type: 'string', value: spec.modelDtype ?? 'W8A8' },
  };
  if (kind === 'lora') return metadata;
  Object.assign(metadata, {
    [`${architecture}.context_length`]: { type: 'uint32', value: maxContext },
    [`${architecture}.embedding_length`]: { type: 'uint32', value: spec.embeddingSize ?? 256 },
    [`${architecture}.block_count`]: { type: 'uint32', value: 1 },
    [`${architecture}.vocab_size`]: { type: 'uint32', value: vocabSize },
    'rkllm.max_context': { type: 'uint32', value: maxContext },
    'rkllm.has_tokenizer': { type: 'bool', value: spec.hasTokenizer ?? true },
    'rkllm.has_embedding': { type: 'bool', value: spec.hasEmbedding ?? true },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.eos_token_id': eosValue(spec.eosType),
    'sim.embedding_size': { type: 'uint32', value: spec.embeddingSize ?? 256 },
    'sim.vocab_size': { type: 'uint32', value: vocabSize },
    'sim.thinking': { type: 'bool', value: spec.thinking ?? false },
    'sim.text': { type: 'bytes', value: Buffer.from(spec.text ?? demoText()) },
    'sim.script': { type: 'bytes', value: encodeScript(spec.script ?? []) },
    'sim.vocab': { type: 'bytes', value: encodeVocabulary(vocabulary) },
  } satisfies Metadata);
  if (spec.hasTokenizer ?? true) {
    metadata['tokenizer.ggml.tokens'] = { type: 'string[]', value: vocabulary.tokens };
  }
  if (template) {
    metadata['rkllm.chat_template.system'] = { type: 'string', value: template.system };
    metadata['rkllm.chat_template.pre'] = { type: 'string', value: template.prefix };
    metadata['rkllm.chat_template.post'] = { type: 'string', value: template.postfix };
  }
  return metadata;
}

interface Parts {
  header: Uint8Array;
  footer: Uint8Array;
  sizeBytes: number;
}

function partsOf(spec: ModelFileSpec): Parts {
  const version = spec.toolkitVersion === undefined ? '1.1.0' : spec.toolkitVersion;
  const footer = Buffer.from(version === null ? '' : `rkllm-toolkit version: ${version}`);
  const metadata = metadataOf({ ...spec, toolkitVersion: version });
  const fixed = encodeHeader(metadata, 0).length + footer.length;
  const sizeBytes = Math.max(spec.sizeBytes ?? 0, fixed + 64);
  return { header: encodeHeader(metadata, sizeBytes - fixed), footer, sizeBytes };
}

/** The whole file in memory. For large `sizeBytes` use `writeModelFile`, which leaves a hole in their place. */
export function encodeModelFile(spec: ModelFileSpec): Uint8Array {
  const { header, footer, sizeBytes } = partsOf(spec);
  const out = new Uint8Array(sizeBytes);
  out.set(header, 0);
  out.set(footer, sizeBytes - footer.length);
  return out;
}

/** Writes the file beside its place and renames it, so that no reader ever sees half of it. */
export async function writeModelFile(path: string, spec: ModelFileSpec): Promise<void> {
  const { header, footer, sizeBytes } = partsOf(spec);
  const partial = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.part`;
  try {
    const file = await open(partial, 'wx');
    try {
      await file.write(header, 0, header.length, 0);
      await file.truncate(sizeBytes);
      if (footer.length > 0) await file.write(footer, 0, footer.length, sizeBytes - footer.length);
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
