/** Requests and events of the engine, in no dialect at all. */

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

export interface GenerationRequest {
  /** Name of a loaded model; left out: the current one. */
  model?: string;
  /** At least one; the last one is what is answered. */
  messages: readonly ChatMessage[];
  sampling?: Sampling;
  /** Most tokens to generate; left out: the loaded model's own limit. */
  maxTokens?: number;
}

/** `abort`: the client left or the model was unloaded by its owner. */
export type FinishReason = 'stop' | 'length' | 'abort';

/** Token counts; null where the runtime has not told (yet). */
export interface Usage {
  promptTokens: number | null;
  /** Prompt tokens that were found in the KV cache; null before runtime 1.2.1. */
  cachedTokens: number | null;
  completionTokens: number;
}

/** Durations in milliseconds; null where the runtime does not tell. */
export interface Timings {
  queueMs: number;
  loadMs: number;
  prefillMs: number | null;
  decodeMs: number | null;
}

export type GenerationEvent =
  /** One generated token's text; empty while a character is still incomplete. */
  | { type: 'text'; text: string }
  | { type: 'done'; finishReason: FinishReason; usage: Usage; timings: Timings };

/** What the engine promises before the first event. */
export interface Generation {
  /** Name of the model that answers. */
  model: string;
  /** Request fields that this runtime cannot honour, by their neutral names (`temperature`, ...). */
  unsupported: readonly string[];
  /**
   * Events in batches, as many as became ready together; the last batch ends with `done`.
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
}
