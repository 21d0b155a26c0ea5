import * as z from 'zod';

/** The settings of one model. Every value arrives as text and is parsed here, once. */

const text = z.string();
const decimal = (low: number, high: number) =>
  z
    .string()
    .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'is not a number')
    .transform(Number)
    .pipe(z.number().min(low).max(high));
const whole = (low: number, high = 2 ** 31 - 1) =>
  z
    .string()
    .regex(/^[+-]?\d+$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(low).max(high));
const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', '1', 'yes', 'on', 'false', '0', 'no', 'off']))
  .transform((word) => ['true', '1', 'yes', 'on'].includes(word));
const role = z.enum(['system', 'user', 'assistant']);

const samplingSchema = z.object({
  temperature: decimal(0, 100).exactOptional(),
  topK: whole(0).exactOptional(),
  topP: decimal(0, 1).exactOptional(),
  minP: decimal(0, 1).exactOptional(),
  repeatPenalty: decimal(0, 100).exactOptional(),
  frequencyPenalty: decimal(-100, 100).exactOptional(),
  presencePenalty: decimal(-100, 100).exactOptional(),
  mirostat: whole(0, 2).exactOptional(),
  mirostatTau: decimal(0, 100).exactOptional(),
  mirostatEta: decimal(0, 100).exactOptional(),
  seed: whole(-(2 ** 31)).exactOptional(),
});

const visionSchema = z.object({
  imageWidth: whole(1).exactOptional(),
  imageHeight: whole(1).exactOptional(),
  imageTokens: whole(1).exactOptional(),
  imageStart: text.exactOptional(),
  imageEnd: text.exactOptional(),
  imageContent: text.exactOptional(),
});

export const modelfileSchema = z.object({
  /** A `.rkllm` file, or the model that this one derives from. */
  from: text.min(1).exactOptional(),
  /** Repository of the tokenizer, `user/repo`. */
  huggingFacePath: text.min(1).exactOptional(),
  system: text.exactOptional(),
  /** Chat template: Jinja, or Go's where it comes from Ollama. */
  template: text.exactOptional(),
  /** Folder or file of the tokenizer. */
  tokenizer: text.min(1).exactOptional(),
  /** How a prompt reaches the runtime ; left out: what fits the files at hand. */
  promptMode: z.enum(['tokens', 'text', 'runtime']).exactOptional(),
  enableThinking: flag.exactOptional(),
  /** Context to load the model with, in tokens. */
  numCtx: whole(1).exactOptional(),
  /** Most tokens of an answer; -1 and -2: as many as fit (Ollama). */
  maxNewTokens: whole(-2).exactOptional(),
  /** Tokens at the beginning that are kept when the context overflows. */
  numKeep: whole(-1).exactOptional(),
  repeatLastN: whole(-1).exactOptional(),
  stop: z.array(text.min(1)).exactOptional(),
  sampling: samplingSchema.exactOptional(),
  vision: visionSchema.exactOptional(),
  /** All three together stand for a `template`. */
  frame: z
    .object({
      system: text.exactOptional(),
      prefix: text.exactOptional(),
      postfix: text.exactOptional(),
    })
    .exactOptional(),
  license: z.array(text).exactOptional(),
  /** Turns that precede every conversation (Ollama). */
  messages: z.array(z.object({ role, content: text })).exactOptional(),
  /** LoRA files. */
  adapters: z.array(text.min(1)).exactOptional(),
});

/** A model's settings; what is left out is the daemon's own. */
export type Modelfile = z.output<typeof modelfileSchema>;

/** Where each key of a Modelfile (RKLLama's names and Ollama's, in lower case) goes; `[]` collects. */
export const pathByKey: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    from: ['from'],
    huggingface_path: ['huggingFacePath'],
    system: ['system'],
    template: ['template'],
    tokenizer: ['tokenizer'],
    prompt_format: ['promptMode'],
    enable_thinking: ['enableThinking'],
    num_ctx: ['numCtx'],
    max_new_tokens: ['maxNewTokens'],
    num_predict: ['maxNewTokens'],
    num_keep: ['numKeep'],
    repeat_last_n: ['repeatLastN'],
    stop: ['stop', '[]'],
    temperature: ['sampling', 'temperature'],
    top_k: ['sampling', 'topK'],
    top_p: ['sampling', 'topP'],
    min_p: ['sampling', 'minP'],
    repeat_penalty: ['sampling', 'repeatPenalty'],
    frequency_penalty: ['sampling', 'frequencyPenalty'],
    presence_penalty: ['sampling', 'presencePenalty'],
    mirostat: ['sampling', 'mirostat'],
    mirostat_tau: ['sampling', 'mirostatTau'],
    mirostat_eta: ['sampling', 'mirostatEta'],
    seed: ['sampling', 'seed'],
    image_width: ['vision', 'imageWidth'],
    image_height: ['vision', 'imageHeight'],
    n_image_tokens: ['vision', 'imageTokens'],
    img_start: ['vision', 'imageStart'],
    img_end: ['vision', 'imageEnd'],
    img_content: ['vision', 'imageContent'],
    system_prompt: ['frame', 'system'],
    prompt_prefix: ['frame', 'prefix'],
    prompt_postfix: ['frame', 'postfix'],
    license: ['license', '[]'],
    message: ['messages', '[]'],
    adapter: ['adapters', '[]'],
  }),
);
