/** What can be read from a `.rkllm` file without loading it; null where the file does not tell. */
export interface Inspection {
  /** `adapter`: a LoRA file, which is no model by itself. */
  readonly kind: 'model' | 'adapter';
  /** For instance `qwen2`, `llama`. */
  readonly architecture: string | null;
  /** `RK3588`, `RK3576`, `RK3562` or `RV1126B`: from the file, else from its name. */
  readonly platform: string | null;
  /** The raw `rkllm.platform`; only 0 (RK3588) is publicly known. */
  readonly platformCode: number | null;
  readonly npuCores: number | null;
  /** Longest context that a session can ask for, in tokens. */
  readonly maxContext: number | null;
  /** Version of rkllm-toolkit that converted the file, for instance `1.2.1`. */
  readonly toolkitVersion: string | null;
  readonly hasTokenizer: boolean | null;
  readonly hasEmbedding: boolean | null;
  /** The prompt parts that the runtime adds by itself; null where the file has none. */
  readonly chatTemplate: ChatTemplate | null;
  /** Width of the hidden states. */
  readonly embeddingLength: number | null;
  readonly blockCount: number | null;
  /** How many values the keys of one token are in one layer, and its values as many; null where the file does not tell its heads. */
  readonly kvWidth: number | null;
  readonly vocabSize: number | null;
  readonly bosTokenId: number | null;
  /** Every end-of-sequence id; empty where the file has none. */
  readonly eosTokenIds: readonly number[];
  /** From the file name, for instance `w8a8_g128`. */
  readonly quantization: string | null;
  /** From the file name, for instance `1.5B`. */
  readonly parameterSize: string | null;
  /** Absolute path of the `.rknn` vision encoder beside it. */
  readonly visionEncoder: string | null;
  /** Absolute paths of the LoRA files beside it. */
  readonly loras: readonly string[];
  /** What is wrong with the file itself (foreign, cut off, hostile), in a sentence; null for a whole one. */
  readonly damage: string | null;
}

export interface ChatTemplate {
  readonly system: TemplateText | null;
  readonly prefix: TemplateText | null;
  readonly postfix: TemplateText | null;
}

/** A masked text: just the first 32 bytes of the mask are public (third-party analyses of several files agree). */
export interface TemplateText {
  readonly text: string;
  /** False when the text goes on after the part that can be read. */
  readonly complete: boolean;
}
