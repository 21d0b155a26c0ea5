import type { Logger } from 'pino';
import type { Generation, GenerationRequest, LoadedModelInfo } from '../engine/index.ts';

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
  /** Resolves once queued. Never loads a model by itself. */
  generate(request: GenerationRequest, signal: AbortSignal): Promise<Generation>;
}

export interface CatalogueService {
  /** Throws `models_folder_missing`. */
  models(): readonly CatalogueModel[];
  /** Throws `model_not_found`, `model_ambiguous`, `invalid_request` (a name that is no name). */
  find(name: string): CatalogueModel;
  /** Deletes a model from disk; `unload` runs before the first file goes. Throws like `find`. */
  remove(
    name: string,
    hooks?: { unload?: (model: { name: string }) => Promise<void> },
  ): Promise<{ name: string }>;
}

interface CatalogueModel {
  name: string;
}

export interface PullerService {
  /** Throws ApplianceError, mostly before the first event. */
  pull(reference: string, options?: { name?: string }): AsyncIterable<PullEvent>;
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
