import type { Logger } from 'pino';
import type { BoardSummary } from '../board/index.ts';
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
import type {
  BegunPull,
  Model,
  PullOptions,
  PullStatus,
  SearchOptions,
  SearchResult,
} from '../library/index.ts';
import type { Lifecycle } from './health.ts';

/**
 * What the HTTP layer needs from the rest of the house, as narrow interfaces. The engine, the
 * catalogue and the puller satisfy them by their shape; nothing here knows how they work.
 */
export interface HttpServices {
  engine: EngineService;
  catalogue: CatalogueService;
  puller: PullerService;
  keys: KeysService;
  /** As the settings are now: they may change while the daemon runs. */
  security(): SecuritySettings;
  /** What the appliance knows of itself; reads the machine. */
  appliance(): Promise<ApplianceFacts>;
  log: Logger;
  lifecycle: Lifecycle;
  /** The native library that answers, or null when none was found. */
  runtime(): RuntimeInfo | null;
}

export interface ApplianceFacts {
  version: string;
  startedAt: Date;
  /** Where it listens: URLs, and paths of Unix sockets. */
  addresses: readonly string[];
  runtime: (RuntimeInfo & { path: string }) | null;
  board: BoardSummary;
  /** Keys of settings whose new values act at the next start. */
  restartNeeded: readonly string[];
}

export interface SecuritySettings {
  /** More names of this board: `name`, `.domain`, `*`. */
  allowedHosts: readonly string[];
  /** Origins of pages that may use this board; `*` in one stands for anything. */
  corsOrigins: readonly string[];
  /** Most requests for models that one client may have under way; 0: any number. */
  requestsPerClient: number;
}

/** An API key without its secret. */
export interface KeyInfo {
  id: string;
  name: string;
  scope: 'inference' | 'admin';
  createdAt: Date;
  /** Rounded down to the hour; null: never. */
  lastUsedAt: Date | null;
}

export interface KeysService {
  /** Whether requests from the network need a key. */
  readonly required: boolean;
  /** Null: the secret is no key of this board. */
  identify(secret: string): KeyInfo | null;
  list(): readonly KeyInfo[];
  /** Throws `invalid_request`. */
  add(name: string, scope: KeyInfo['scope']): Promise<{ key: KeyInfo; secret: string }>;
  /** By id or name. Throws `key_not_found`. */
  revoke(idOrName: string): Promise<KeyInfo>;
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
  prefixStats(): PrefixStatistics;
}

/** How often the beginning of a prompt was found, and what is kept for it; since the start. */
export interface PrefixStatistics {
  /** Files of prompts on disk. */
  entries: number;
  bytes: number;
  evictions: number;
  /** Tokens of all prompts that had token ids. */
  promptTokens: number;
  tokensFromMemory: number;
  tokensFromFiles: number;
  hits: number;
  misses: number;
  saves: number;
  failures: number;
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
  /** Begins a pull, or joins it; it goes on with nobody listening. Throws like `pull`. */
  begin(reference: string, options?: PullOptions): Promise<BegunPull>;
  /** A pull that runs, by id or reference. */
  follow(reference: string, signal?: AbortSignal): BegunPull | null;
  /** Ends a pull or forgets an ended one, by id or reference; null when there is none. */
  cancel(reference: string, options?: { deletePartial?: boolean }): Promise<PullStatus | null>;
  pulls(): readonly PullStatus[];
  /** Throws `pull_failed`. */
  search(query: string, options?: SearchOptions): Promise<SearchResult[]>;
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
