import type { Inspection, Model } from '../../../library/index.ts';

/** Ollama's `details`: texts, empty where the file does not tell. */
export function detailsOf({ inspection, parent }: Model): object {
  const { architecture, parameterSize, quantization } = inspection;
  return {
    parent_model: parent ?? '',
    format: 'rkllm',
    family: architecture ?? '',
    families: architecture === null ? [] : [architecture],
    parameter_size: parameterSize ?? '',
    quantization_level: quantization ?? '',
  };
}

/** A field of our own, with why the model cannot be loaded; Ollama's clients pass over it. */
export function problemOf({ problem }: Model): { problem?: string } {
  return problem === null ? {} : { problem };
}

/** Ollama's `model_info`, with what is known and nothing else. */
export function modelInfoOf(name: string, inspection: Inspection): Record<string, unknown> {
  const { architecture, maxContext, embeddingLength, blockCount } = inspection;
  const known: [string, unknown][] = [
    ['general.architecture', architecture],
    ['general.basename', name.replace(/^.*\//, '').replace(/\.rkllm$/i, '')],
    ['general.size_label', inspection.parameterSize],
    [`${architecture}.context_length`, architecture && maxContext],
    [`${architecture}.embedding_length`, architecture && embeddingLength],
    [`${architecture}.block_count`, architecture && blockCount],
    ['tokenizer.ggml.bos_token_id', inspection.bosTokenId],
    ['tokenizer.ggml.eos_token_id', inspection.eosTokenIds[0] ?? null],
    ['rkllm.platform', inspection.platform],
    ['rkllm.npu_cores', inspection.npuCores],
    ['rkllm.toolkit_version', inspection.toolkitVersion],
  ];
  return Object.fromEntries(known.filter(([, value]) => value !== null));
}
