import type { Logger } from 'pino';
import type {
  EmbeddingRequest,
  Embeddings,
  Generation,
  GenerationRequest,
  LoadedModelInfo,
  PromptCapabilities,
  QueuedRequest,
  Ranking,
  RerankRequest,
} from '../engine/index.ts';
import type { Model, PullOptions } from '../library/index.ts';

/**
 * What the HTTP layer needs from the rest of the house, as narrow interfaces. The engine, the
 * catalogue and the puller satisfy them by their shape; nothing here knows how they work.
 */
export interface HttpServices {
  engine: EngineService;
  catalogue: CatalogueService;
  puller: PullerService;
  log: Logger;
  /** The native library that answers, or null when none was found. */
  runtime(): RuntimeInfo | null;
}

export interface EngineService {
  /** Resolves when the model answers requests; joins a load of the same model in progress. */
  load(name: string, keepAliveMs?: number): Promise<LoadedModelInfo>;
  /** Ends running generations at once. Without a name: every loaded model. Returns the names. */
  unload(name?: string): Promise<readonly string[]>;
  /** The most recently loaded model. */
  current(): LoadedModelInfo | undefined;
  loaded(): readonly LoadedModelInfo[];
  /** Resolves once queued; loads the model on the way unless it must be loaded. */
  generate(request: GenerationRequest, signal: AbortSignal): Promise<Generation>;
  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings>;
  rerank(request: RerankRequest, signal: AbortSignal): Promise<Ranking>;
  /** What a model's prompts can express; does not load it. */
  capabilities(name: string): Promise<PromptCapabilities>;
  /** Who waits for the NPU, next first. */
  queued(): readonly QueuedRequest[];
}

export interface CatalogueService {
  /** Throws `models_folder_missing`. */
  models(): readonly Model[];
  /** Throws `model_not_found`, `model_ambiguous`, `invalid_request` (a name that is no name). */
  find(name: string): Model;
  /** A model that derives from another, by the text of its Modelfile. Throws like `find`. */
  create(name: string, modelfile: string): Promise<Model>;
  /** Deletes a model from disk; `unload` runs before the first file goes. Throws like `find`. */
  remove(name: string, hooks?: { unload?: (model: Model) => Promise<void> }): Promise<Model>;
}

export interface PullerService {
  /** Throws ApplianceError, mostly before the first event. */
  pull(reference: string, options?: PullOptions): AsyncIterable<PullEvent>;
}

/** What a dialect renders of a pull; the puller's own events carry more. */
export type PullEvent =
  | { type: 'start'; file: string; sizeBytes: number }
  | { type: 'progress'; file: string; receivedBytes: number; sizeBytes: number }
  | { type: 'verifying'; file: string }
  | { type: 'done'; name: string };

interface RuntimeInfo {
  version: string;
  /** True when the simulator stands where the real library would. */
  simulator: boolean;
}
