import { basename } from 'node:path';
import { Cursor } from './cursor.ts';
import { DamagedFile } from './damage.ts';
import { factsOfFileName } from './file-name.ts';
import { readFooter } from './footer.ts';
import type { ChatTemplate, Inspection, TemplateText } from './inspection.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { type ByteSource, withFileSource } from './source.ts';

/** A quarter of a million tokens and twice as many merges are about 15 MB of header. */
const budgetBytes = 48 * 1024 * 1024;

/** Inspects the file at `path`. Throws the file system's error when it cannot be read. */
export function inspectFile(path: string): Promise<Inspection> {
  return withFileSource(path, (source) => inspect(source, basename(path)));
}

/** Inspects a `.rkllm` file in bounded time and memory. Never throws for what is in the file. */
export async function inspect(source: ByteSource, fileName: string): Promise<Inspection> {
  const metadata: Metadata = new Map();
  let damage: string | null = null;
  try {
    await readMetadata(new Cursor(source, budgetBytes), metadata);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    damage = `The file is damaged or no RKLLM model: ${error.message}.`;
  }
  const footerVersion = damage === null ? await readFooter(source) : null;
  return describe(
    metadata,
    fileName,
    footerVersion,
    damage ?? missingFooter(metadata, footerVersion),
  );
}

/** What is known of a file that is not there. */
export const unreadInspection: Inspection = Object.freeze(describe(new Map(), '', null, null));

/** Toolkits that name their version in the header also end the file with it: without, its end is missing. */
function missingFooter(metadata: Metadata, footerVersion: string | null): string | null {
  if (footerVersion !== null || version(metadata) === null) return null;
  return 'The end of the file is missing: it was cut off while it was copied. Copy it again.';
}

function describe(
  metadata: Metadata,
  fileName: string,
  footerVersion: string | null,
  damage: string | null,
): Inspection {
  const named = factsOfFileName(fileName);
  const architecture = word(metadata, 'general.architecture');
  const platformCode = number(metadata, 'rkllm.platform');
  return {
    kind: text(metadata, 'general.type') === 'adapter' ? 'adapter' : 'model',
    architecture,
    platform: platformOf(platformCode, named.platform),
    platformCode,
    npuCores: size(metadata, 'rkllm.core_num'),
    maxContext:
      size(metadata, 'rkllm.max_context') ?? size(metadata, `${architecture}.context_length`),
    toolkitVersion: version(metadata) ?? footerVersion,
    hasTokenizer: flag(metadata, 'rkllm.has_tokenizer'),
    hasEmbedding: flag(metadata, 'rkllm.has_embedding'),
    chatTemplate: chatTemplate(metadata),
    embeddingLength: size(metadata, `${architecture}.embedding_length`),
    blockCount: size(metadata, `${architecture}.block_count`),
    kvWidth: kvWidthOf(metadata, architecture),
    vocabSize:
      size(metadata, `${architecture}.vocab_size`) ?? length(metadata, 'tokenizer.ggml.tokens'),
    bosTokenId: number(metadata, 'tokenizer.ggml.bos_token_id'),
    eosTokenIds: tokenIds(metadata, 'tokenizer.ggml.eos_token_id'),
    quantization: named.quantization,
    parameterSize: named.parameterSize,
    visionEncoder: null,
    loras: [],
    damage,
  };
}

/** Fills in what neither the file nor its name tells from `name`, that of its folder. */
export function completedBy(inspection: Inspection, name: string): Inspection {
  const named = factsOfFileName(name);
  return {
    ...inspection,
    platform: inspection.platform ?? platformOf(inspection.platformCode, named.platform),
    quantization: inspection.quantization ?? named.quantization,
    parameterSize: inspection.parameterSize ?? named.parameterSize,
  };
}

/** Code 0 is RK3588; of the others the name must tell, and a name that says RK3588 contradicts them. */
function platformOf(code: number | null, named: string | null): string | null {
  if (code === 0) return 'RK3588';
  if (code !== null && named === 'RK3588') return null;
  return named;
}

/** By the keys of GGUF: `attention.key_length` is the width of a head where that is no simple share. */
function kvWidthOf(metadata: Metadata, architecture: string | null): number | null {
  const of = (key: string) => size(metadata, `${architecture}.${key}`);
  const heads = of('attention.head_count');
  const kvHeads = of('attention.head_count_kv');
  const length = of('embedding_length');
  const headWidth = of('attention.key_length') ?? (heads && length && length / heads);
  return kvHeads && headWidth && kvHeads * headWidth;
}

function version(metadata: Metadata): string | null {
  const found = text(metadata, 'rkllm.version');
  return found !== null && /^\d+(\.\d+){1,3}[\w.+-]*$/.test(found) ? found : null;
}

function text(metadata: Metadata, key: string): string | null {
  const entry = metadata.get(key);
  return entry?.type === 'string' && entry.complete ? entry.value : null;
}

/** A text that is shown and compared: no control characters, no surprises. */
function word(metadata: Metadata, key: string): string | null {
  const found = text(metadata, key);
  return found !== null && /^[\w.-]+$/.test(found) ? found : null;
}

/** A count that can be one: others are taken for not told. */
function size(metadata: Metadata, key: string): number | null {
  const found = number(metadata, key);
  return found !== null && found > 0 && found < 2 ** 31 ? found : null;
}

function number(metadata: Metadata, key: string): number | null {
  const entry = metadata.get(key);
  return entry?.type === 'number' ? entry.value : null;
}

function tokenIds(metadata: Metadata, key: string): readonly number[] {
  const entry = metadata.get(key);
  const found = entry?.type === 'array' ? entry.numbers : [];
  const ids = entry?.type === 'number' ? [entry.value] : found;
  return ids.filter((id) => id >= 0);
}

function length(metadata: Metadata, key: string): number | null {
  const entry = metadata.get(key);
  return entry?.type === 'array' ? entry.length : null;
}

function flag(metadata: Metadata, key: string): boolean | null {
  const entry = metadata.get(key);
  if (entry?.type === 'number') return entry.value !== 0;
  return entry?.type === 'bool' ? entry.value : null;
}

function chatTemplate(metadata: Metadata): ChatTemplate | null {
  const part = (name: string): TemplateText | null => {
    const entry = metadata.get(`rkllm.chat_template.${name}`);
    return entry?.type === 'string' ? { text: entry.value, complete: entry.complete } : null;
  };
  const parts = { system: part('system'), prefix: part('pre'), postfix: part('post') };
  return Object.values(parts).every((found) => found === null) ? null : parts;
}
