/** Requests and events of the engine, in no dialect at all. */
import type { PrefixCounters } from './prefix/index.ts';

export interface TextPart {
  type: 'text';
  text: string;
}

/** An image as its file was, undecoded. */
export interface ImagePart {
  type: 'image';
  /** `image/jpeg`, ... */
  mediaType: string;
  data: Uint8Array;
}

export type JsonObject = { [key: string]: unknown };

/** A call that a model wants to be made. */
export interface ToolCall {
  /** Ties a result to its call; models that make several at once need it. */
  id?: string;
  name: string;
  arguments: JsonObject;
}

export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | readonly (TextPart | ImagePart)[] }
  | {
      role: 'assistant';
      content: string;
      /** What it thought before it answered. */
      reasoning?: string;
      toolCalls?: readonly ToolCall[];
    }
  | {
      role: 'tool';
      content: string;
      toolCallId?: string;
      toolName?: string;
    };

export type Role = ChatMessage['role'];

/** A function that the model may call. */
export interface Tool {
  name: string;
  description?: string;
  /** JSON Schema of the arguments. */
  parameters: JsonObject;
}

/** `required`: any tool, but one of them. */
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** Whether a model that can think does so; left out: as its template decides. */
export type Thinking = boolean | 'low' | 'medium' | 'high';

/** Sampling of one request; what is left out is the loaded model's own. */
export interface Sampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  repeatPenalty?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  mirostat?: number;
  mirostatTau?: number;
  mirostatEta?: number;
}

/** What is asked: a conversation, or a text that goes into the model as it is. */
type Question =
  /** At least one message; the last one is what is answered. */
  | { messages: readonly ChatMessage[]; prompt?: never }
  /**
   * No template is put around it and nothing is taken out of the answer. Where it is too long, its
   * end is kept.
   */
  | { prompt: string; messages?: never };

/** JSON that the answer is to be, guaranteed: any object, or what a JSON Schema describes. */
export type AnswerFormat = { type: 'object' } | { type: 'schema'; schema: unknown };

export type GenerationRequest = Question & GenerationOptions;

export interface GenerationOptions {
  /** Any name of a model; left out: the one that was loaded last. */
  model?: string;
  /** Answer only with a model that is loaded already; otherwise it is loaded on the way. */
  mustBeLoaded?: boolean;
  tools?: readonly Tool[];
  /** Default `auto` where there are tools. */
  toolChoice?: ToolChoice;
  /** Stop strings do not cut such an answer; with tools that may be called, a call may take its place. */
  format?: AnswerFormat;
  thinking?: Thinking;
  /** Text as the model wrote it: reasoning and calls are not taken out of it. */
  raw?: boolean;
  sampling?: Sampling;
  /** The runtime has no seed; it is reported as not supported. */
  seed?: number;
  /** Strings that end the answer and are not part of it. */
  stop?: readonly string[];
  /** Ends an answer that repeats itself. */
  stopOnRepetition?: boolean;
  /** Most tokens to generate; left out: the model's own limit. */
  maxTokens?: number;
  /** Answers to generate, one after the other; default 1. */
  choices?: number;
  /** Tokens; the model is loaded again when it was loaded with less and its file allows more. */
  contextLength?: number;
  /** A prompt that is too long: oldest turns are left out (default), or it is an error. */
  overflow?: 'truncate' | 'error';
  /** Milliseconds that the model stays afterwards; Infinity for ever, 0 not at all. */
  keepAliveMs?: number;
  /** Who asks, for fairness between clients. */
  client?: string;
  /** LoRA file beside the model, without its ending. */
  lora?: string;
  /** The runtime keeps the conversation itself, and gets only what is new (1.2.0). */
  keepHistory?: boolean;
}

/** `abort`: the client left or the model was unloaded by its owner. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'abort';

/** Token counts; null where the runtime has not told (yet). */
export interface Usage {
  promptTokens: number | null;
  /** Prompt tokens that were found in the KV cache; null where neither runtime nor tokenizer tells. */
  cachedTokens: number | null;
  completionTokens: number;
  /** Completion tokens that were thoughts. */
  reasoningTokens: number;
}

/** Durations in milliseconds; null where the runtime does not tell. */
export interface Timings {
  queueMs: number;
  loadMs: number;
  prefillMs: number | null;
  decodeMs: number | null;
}

/** `tokens`: how many tokens were generated since the event before; `choice` counts from 0. */
export type GenerationEvent =
  /** Raw: one per token, empty while a character is incomplete. */
  | { type: 'text'; choice: number; text: string; tokens: number }
  | { type: 'reasoning'; choice: number; text: string; tokens: number }
  /** Whole, never partial. */
  | { type: 'tool_call'; choice: number; call: ToolCall; tokens: number }
  | {
      type: 'done';
      choice: number;
      finishReason: FinishReason;
      usage: Usage;
      timings: Timings;
      /** Messages that were left out because the prompt was too long. */
      droppedMessages: number;
      /** Of an answer whose form was guaranteed. */
      guided?: GuidedCounts;
    };

/** What guiding an answer took. */
export interface GuidedCounts {
  /** Runs of the model beyond the first. */
  continuations: number;
  /**
   * Tokens that were put into the prompt instead of being generated; part of the completion. Without
   * a tokenizer about as many.
   */
  forcedTokens: number;
  /** Tokens that were generated and left the form, wholly or in part. */
  rejectedTokens: number;
}

/** What the engine promises before the first event. */
export interface Generation {
  /** Name of the model that answers. */
  model: string;
  /** Request fields that this runtime cannot honour, by their neutral names (`temperature`, ...). */
  unsupported: readonly string[];
  /**
   * Events in batches, as many as became ready together; every choice ends with `done`.
   * Throws ApplianceError (`runtime_crashed`, `runtime_failed`, `model_unloaded`, ...).
   * Leaving the loop early, or the request's signal, aborts this generation and no other.
   */
  events: AsyncIterable<readonly GenerationEvent[]>;
}

/** A model that was loaded and not unloaded. */
export interface LoadedModelInfo {
  name: string;
  path: string;
  sizeBytes: number;
  loadedAt: Date;
  /** Milliseconds that the last load took. */
  loadMs: number;
  /** Process id of its worker; null while there is none. */
  pid: number | null;
  /** Tokens. */
  contextLength: number;
  /** `crashed`: the worker is started again with the next request. */
  state: 'loading' | 'ready' | 'busy' | 'crashed';
  /** When it is unloaded if nobody asks it anything; null: it stays. */
  expiresAt: Date | null;
  pinned: boolean;
  /** What the prefix store did for it since it was loaded, and its files there. */
  prefixes?: PrefixCounters & { entries: number; bytes: number };
}

/** Vectors for texts, in the order of the texts. */
export interface EmbeddingRequest {
  model: string;
  inputs: readonly string[];
  /** Length of the vectors; left out: the model's own. */
  dimensions?: number;
  /** A text that is too long: its end is left out (default), or it is an error. */
  overflow?: 'truncate' | 'error';
  keepAliveMs?: number;
  client?: string;
}

export interface Embeddings {
  model: string;
  /** Each of length 1 (Euclidean). */
  vectors: readonly Float32Array[];
  promptTokens: number;
  timings: Pick<Timings, 'queueMs' | 'loadMs'> & { totalMs: number };
}

export interface RerankRequest {
  model: string;
  query: string;
  documents: readonly string[];
  /** What makes a document relevant; left out: that it answers the query. */
  instruction?: string;
  keepAliveMs?: number;
  client?: string;
}

export interface Ranking {
  model: string;
  /** By descending score: the probability, 0 to 1, that the document is relevant. */
  results: readonly { index: number; score: number }[];
  promptTokens: number;
}

/** One who waits for the NPU. */
export interface QueuedRequest {
  model: string;
  /** 1 is next. */
  position: number;
  waitedMs: number;
  /** From how long answers took lately; null before the first. */
  estimatedWaitMs: number | null;
}
