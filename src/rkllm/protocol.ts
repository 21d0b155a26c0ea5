/**
 * Messages between the daemon and a worker process. Both sides parse what they get, because the two
 * are different programs once a package is upgraded under a running daemon.
 */
import * as z from 'zod/mini';
import { isRuntimeVersion, type RuntimeVersion } from './versions.ts';

const floats = z.instanceof(Float32Array);
const ints = z.instanceof(Int32Array);
const tags = {
  start: z.exactOptional(z.string()),
  end: z.exactOptional(z.string()),
  content: z.exactOptional(z.string()),
};

const image = z.object({
  ...tags,
  embedding: floats,
  tokensPerImage: z.int(),
  count: z.int(),
  width: z.int(),
  height: z.int(),
});
const video = z.object({
  ...tags,
  embedding: floats,
  tokensPerFrame: z.int(),
  framesPerVideo: z.int(),
  count: z.int(),
  frameWidth: z.int(),
  frameHeight: z.int(),
});
const audio = z.object({
  ...tags,
  embedding: floats,
  tokensPerAudio: z.int(),
  count: z.int(),
});
const speaker = {
  role: z.exactOptional(z.enum(['user', 'tool'])),
  thinking: z.exactOptional(z.boolean()),
};

const runInput = z.discriminatedUnion('type', [
  z.object({ ...speaker, type: z.literal('prompt'), text: z.string() }),
  z.object({ ...speaker, type: z.literal('tokens'), ids: ints }),
  z.object({ ...speaker, type: z.literal('embedding'), values: floats, tokens: z.int() }),
  z.object({
    ...speaker,
    type: z.literal('multimodal'),
    text: z.string(),
    image: z.exactOptional(image),
    video: z.exactOptional(video),
    audio: z.exactOptional(audio),
  }),
]);

const sampling = z.object({
  topK: z.int(),
  topP: z.number(),
  temperature: z.number(),
  repeatPenalty: z.number(),
  frequencyPenalty: z.number(),
  presencePenalty: z.number(),
  mirostat: z.int(),
  mirostatTau: z.number(),
  mirostatEta: z.number(),
});

const runOptions = z.object({
  mode: z.exactOptional(z.enum(['generate', 'hidden', 'logits'])),
  lora: z.exactOptional(z.string()),
  savePromptCache: z.exactOptional(z.string()),
  keepHistory: z.exactOptional(z.boolean()),
  sampling: z.exactOptional(sampling),
  maxNewTokens: z.exactOptional(z.int()),
});

const initParams = z.object({
  modelPath: z.string(),
  maxContextLength: z.int(),
  maxNewTokens: z.int(),
  nKeep: z.int(),
  sampling: z.object({
    topK: z.exactOptional(z.int()),
    topP: z.exactOptional(z.number()),
    temperature: z.exactOptional(z.number()),
    repeatPenalty: z.exactOptional(z.number()),
    frequencyPenalty: z.exactOptional(z.number()),
    presencePenalty: z.exactOptional(z.number()),
    mirostat: z.exactOptional(z.int()),
    mirostatTau: z.exactOptional(z.number()),
    mirostatEta: z.exactOptional(z.number()),
  }),
  baseDomainId: z.int(),
  embedFlash: z.boolean(),
  cpus: z.object({ count: z.int(), mask: z.int() }),
  crossAttention: z.exactOptional(z.boolean()),
  skipSpecialTokens: z.exactOptional(z.boolean()),
  ignoreEos: z.exactOptional(z.boolean()),
});

const text = z.string();
/** Calls that are neither load nor run, with their arguments. */
const call = z.discriminatedUnion('method', [
  z.object({ method: z.literal('loadLora'), path: text, name: text, scale: z.number() }),
  z.object({ method: z.literal('loadPromptCache'), path: text }),
  z.object({ method: z.literal('releasePromptCache') }),
  z.object({ method: z.literal('clearKvCache'), keepSystemPrompt: z.exactOptional(z.boolean()) }),
  z.object({ method: z.literal('kvCacheSizes') }),
  z.object({ method: z.literal('setChatTemplate'), system: text, prefix: text, postfix: text }),
  z.object({ method: z.literal('setFunctionTools'), system: text, tools: text, responseTag: text }),
  z.object({
    method: z.literal('setCrossAttention'),
    keys: floats,
    values: floats,
    mask: floats,
    positions: ints,
    tokens: z.int(),
  }),
]);
export type NativeCall = z.infer<typeof call>;

const version = z.custom<RuntimeVersion>(
  (value) => typeof value === 'string' && isRuntimeVersion(value),
);

/** Daemon to worker. */
export const commandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('load'), library: z.string(), version, params: initParams }),
  z.object({
    type: z.literal('run'),
    run: z.int(),
    input: runInput,
    options: runOptions,
    /** Most tokens of this run, on every version of the runtime. */
    maxTokens: z.exactOptional(z.int()),
    /** Tokens that end the run, for runtimes that miss the end of sequence (1.3.0). */
    stopTokenIds: z.exactOptional(z.array(z.int())),
  }),
  z.object({ type: z.literal('abort'), run: z.int() }),
  z.object({ type: z.literal('call'), id: z.int(), call }),
  z.object({ type: z.literal('unload') }),
]);
export type Command = z.infer<typeof commandSchema>;
export type RunCommand = Extract<Command, { type: 'run' }>;

const counters = z.object({
  prefillMs: z.number(),
  prefillTokens: z.int(),
  decodeMs: z.number(),
  decodeTokens: z.int(),
  memoryMb: z.nullable(z.number()),
});

/** Worker to daemon. */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loaded') }),
  /** `message`: the loader's words; null when the runtime itself refused. */
  z.object({ type: z.literal('load_failed'), message: z.nullable(z.string()) }),
  /** One entry per token; an empty text belongs to a character that is not whole yet. */
  z.object({
    type: z.literal('tokens'),
    run: z.int(),
    texts: z.array(z.string()),
    ids: z.array(z.int()),
  }),
  z.object({
    type: z.literal('matrix'),
    run: z.int(),
    kind: z.enum(['hidden', 'logits']),
    rows: z.int(),
    columns: z.int(),
    values: floats,
  }),
  z.object({
    type: z.literal('finished'),
    run: z.int(),
    /** False: the runtime reported an error or refused the run. */
    ok: z.boolean(),
    ending: z.enum(['end', 'limit', 'aborted']),
    /** Incomplete character that was left over. */
    rest: z.string(),
    tokens: z.int(),
    counters: z.nullable(counters),
    /** Entries in the KV cache after the run (from 1.2.1 on). */
    kvEntries: z.nullable(z.int()),
  }),
  /** The run cannot be: this version lacks something that it needs, or a text holds a NUL. */
  z.object({ type: z.literal('run_refused'), run: z.int(), message: z.string() }),
  z.object({ type: z.literal('answer'), id: z.int(), value: z.union([z.int(), z.array(z.int())]) }),
  z.object({ type: z.literal('refusal'), id: z.int(), message: z.string() }),
]);
export type Report = z.infer<typeof reportSchema>;
export type FinishedReport = Extract<Report, { type: 'finished' }>;

/**
 * A worker writes this line to its stdout, in order with what the library printed, before it sends
 * `loaded`, `load_failed` or `finished` (run 0 for the first two).
 */
export function syncLine(run: number): string {
  return `@rkllamad sync ${run}`;
}
