/** Loads models and generates with them, in no dialect at all. */
import { ApplianceError } from '../errors.ts';
import { Vectors } from './embedding.ts';
import { generate } from './generation.ts';
import { Guides } from './guided/index.ts';
import { defaultSilenceLimits, type SilenceLimits } from './inactivity.ts';
import { NpuQueue } from './npu-queue.ts';
import {
  beginningsOf,
  type PrefixCounters,
  PrefixStore,
  type PrefixStoreOptions,
  type PrefixStoreStats,
} from './prefix/index.ts';
import { assertPlain, assertWritable, type PromptCapabilities, Prompter } from './prompt/index.ts';
import { Residency, type ResidencyOptions } from './residency.ts';
import { type ModelFile, promptModelOf, type ResidentModel } from './resident-model.ts';
import { namesOf } from './sampling.ts';
import type {
  EmbeddingRequest,
  Embeddings,
  Generation,
  GenerationRequest,
  LoadedModelInfo,
  QueuedRequest,
  Ranking,
  RerankRequest,
} from './types.ts';

/** What can change while the engine works. */
export interface LiveSettings {
  /** Most requests that wait for the NPU. */
  queueLimit: number;
  /** Milliseconds that a model stays after its last answer when its requests do not say. */
  keepAliveMs: number;
  /** Any names of models that are loaded at the start and stay. */
  pinned: readonly string[];
}

export interface EngineOptions
  extends LiveSettings,
    Omit<ResidencyOptions, 'isPinned' | 'keepAliveMs' | 'prefixes' | 'idleTurn'> {
  /** Finds a model by any of its names; throws `model_not_found`, ... */
  catalogue: { find(name: string): ModelFile };
  /** Most models that generate at once. */
  parallel: number;
  silenceLimits?: SilenceLimits;
  /** Where prompts are kept on disk; left out: nowhere. */
  prefixes?: Omit<PrefixStoreOptions, 'log'>;
}

export type PrefixStats = PrefixStoreStats & PrefixCounters;

export class Engine {
  readonly #options: EngineOptions;
  readonly #queue: NpuQueue;
  readonly #residency: Residency;
  readonly #prefixes: PrefixStore;
  readonly #vectors: Vectors;
  readonly #guides = new Guides();
  readonly #toldUnsupported = new Set<string>();
  #pinned: readonly string[];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#pinned = options.pinned;
    this.#queue = new NpuQueue(options.queueLimit, options.parallel);
    const { log, prefixes = { folder: '', budgetBytes: 0 } } = options;
    this.#prefixes = new PrefixStore({ ...prefixes, log });
    this.#residency = new Residency({
      ...options,
      prefixes: this.#prefixes,
      idleTurn: (model) => this.#queue.rest(model),
      isPinned: (name) => this.#isPinned(name),
    });
    this.#vectors = new Vectors(this.#queue, options.silenceLimits ?? defaultSilenceLimits);
  }

  /** Loads the pinned models; one that cannot be loaded is a warning and holds up nobody. */
  async start(): Promise<void> {
    await this.#prefixes.open();
    for (const name of this.#pinned) {
      await this.load(name).catch((error: unknown) => {
        this.#options.log.warn({ err: error, model: name }, 'not preloaded');
      });
    }
  }

  /** Changes what can change at once; loads what is newly pinned like `start`. */
  async reconfigure({ queueLimit, keepAliveMs, pinned }: LiveSettings): Promise<void> {
    this.#queue.limit = queueLimit;
    this.#pinned = pinned;
    this.#residency.reconfigure(keepAliveMs);
    await this.start();
  }

  /**
   * Loads a model, or waits for who loads it already; resolves at once when it is loaded. Without
   * `keepAliveMs` it stays as long as the settings say.
   */
  async load(name: string, keepAliveMs?: number): Promise<LoadedModelInfo> {
    const lease = await this.#residency.lease(this.#options.catalogue.find(name), keepAliveMs);
    try {
      await lease.model.ready();
    } catch (error) {
      const { signal } = lease.model.gone;
      throw signal.aborted ? signal.reason : error;
    } finally {
      lease.release();
    }
    const info = this.loaded().find((each) => each.name === lease.model.file.name);
    // Loaded for no time at all, or unloaded meanwhile.
    return info ?? { ...lease.model.info(), expiresAt: new Date(), pinned: false };
  }

  /**
   * Unloads a model, or all of them without a name, and resolves with the names when the NPU has
   * the memory back. A generation that runs ends at once; its client gets what there is.
   */
  async unload(name?: string): Promise<readonly string[]> {
    const names = name === undefined ? this.#residency.names() : [this.#loadedName(name)];
    await this.#residency.unload(names);
    return names;
  }

  /** The model that was loaded last. */
  current(): LoadedModelInfo | undefined {
    return this.loaded().at(-1);
  }

  /** Loaded models, oldest first. */
  loaded(): readonly LoadedModelInfo[] {
    return this.#residency.infos();
  }

  /** Who waits for the NPU, next first. */
  queued(): readonly QueuedRequest[] {
    return this.#queue.status();
  }

  /** How long a worker that has to go has not gone, in milliseconds; 0 where none has to. */
  get leavingMs(): number {
    return this.#residency.leavingMs;
  }

  /** What the prefix store holds, and what it did since the start. */
  prefixStats(): PrefixStats {
    return { ...this.#prefixes.stats(), ...this.#prefixes.counts };
  }

  /** What a model's prompts can express. Reads its template, and does not load it. */
  async capabilities(name: string): Promise<PromptCapabilities> {
    const file = this.#options.catalogue.find(name);
    const loaded = this.#residency.get(file.name);
    if (loaded) return loaded.prompter.capabilities;
    const prompter = new Prompter(promptModelOf(file), { log: this.#options.log });
    try {
      return await prompter.capabilities;
    } finally {
      await prompter.close();
    }
  }

  /**
   * Queues a generation. Throws `model_not_found`, `model_not_loaded`, `queue_full`,
   * `invalid_request` (`FormRefusal` for a schema that cannot be guaranteed). The place in the queue is
   * kept until the events are read or `signal` aborts.
   */
  async generate(asked: GenerationRequest, signal: AbortSignal): Promise<Generation> {
    if (asked.prompt === undefined) assertWritable(asked.messages);
    else assertPlain(asked.prompt);
    const lease = await this.#residency.lease(this.#fileFor(asked), asked.keepAliveMs);
    const { model } = lease;
    const request = model.adapter === undefined ? asked : { lora: model.adapter, ...asked };
    const cancelled = AbortSignal.any([signal, model.gone.signal]);
    const beginnings = beginningsOf(request);
    const familiarity = () => model.familiarity(beginnings);
    const { client } = request;
    const place = { model: model.file.name, client, familiarity, signal: cancelled };
    const join = () => this.#queue.join(place);
    try {
      assertAdapter(model, request.lora);
      const compiling = this.#guides.formOf(request);
      // Nothing else is waited for: requests queue in the order in which they came.
      const form = compiling && (await compiling);
      const unsupported = unsupportedBy(model, request);
      this.#tell(model, unsupported);
      const limits = this.#options.silenceLimits ?? defaultSilenceLimits;
      const job = {
        request,
        lease,
        ticket: join(),
        join,
        signal,
        cancelled,
        limits,
        costs: this.#guides.costsOf(model),
        guided: form && { form, log: this.#options.log },
      };
      return { model: model.file.name, unsupported, events: generate(job) };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** A vector per text, in order. Throws like `generate`. */
  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embeddings> {
    const lease = await this.#residency.lease(
      this.#options.catalogue.find(request.model),
      request.keepAliveMs,
    );
    try {
      return await this.#vectors.embed(lease.model, request, signal);
    } finally {
      lease.release();
    }
  }

  /** Documents by relevance. Throws like `generate`, and `unsupported` without a tokenizer. */
  async rerank(request: RerankRequest, signal: AbortSignal): Promise<Ranking> {
    const lease = await this.#residency.lease(
      this.#options.catalogue.find(request.model),
      request.keepAliveMs,
    );
    try {
      return await this.#vectors.rerank(lease.model, request, signal);
    } finally {
      lease.release();
    }
  }

  /** Refuses new work, ends what runs and unloads everything. */
  async stop(): Promise<void> {
    await this.#residency.close();
    await this.#prefixes.close();
  }

  #isPinned(name: string): boolean {
    return this.#pinned.some((pinned) => {
      try {
        return pinned === name || this.#options.catalogue.find(pinned).name === name;
      } catch {
        return false;
      }
    });
  }

  #fileFor({ model: name, mustBeLoaded }: GenerationRequest): ModelFile {
    this.#residency.assertOpen();
    if (name !== undefined && !mustBeLoaded) return this.#options.catalogue.find(name);
    const loadedName = name === undefined ? this.#residency.names().at(-1) : this.#loadedName(name);
    const model = loadedName === undefined ? undefined : this.#residency.get(loadedName);
    if (!model) throw notLoaded();
    return model.file;
  }

  /** The loaded model that `name` means: as it was loaded, or as the catalogue resolves it. */
  #loadedName(name: string): string {
    if (this.#residency.get(name)) return name;
    try {
      const { name: resolved } = this.#options.catalogue.find(name);
      if (this.#residency.get(resolved)) return resolved;
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
    }
    throw notLoaded();
  }

  /** Says once per model what it cannot do. */
  #tell(model: ResidentModel, unsupported: readonly string[]): void {
    for (const name of unsupported) {
      const key = `${model.file.name} ${name}`;
      if (this.#toldUnsupported.has(key)) continue;
      this.#toldUnsupported.add(key);
      this.#options.log.warn(
        { model: model.file.name, field: name },
        'the runtime cannot do this for a single request; the field is ignored',
      );
    }
  }
}

function unsupportedBy(model: ResidentModel, request: GenerationRequest): string[] {
  const sampling = model.capabilities.perRunSampling ? [] : namesOf(request.sampling ?? {});
  return request.seed === undefined ? sampling : [...sampling, 'seed'];
}

function assertAdapter({ file, adapters }: ResidentModel, name: string | undefined): void {
  if (name === undefined || adapters.includes(name)) return;
  const known = adapters.length === 0 ? 'none' : adapters.join(', ');
  throw new ApplianceError(
    'invalid_request',
    `${file.name} has no LoRA adapter ${name}. Beside the model: ${known}.`,
  );
}

function notLoaded(): ApplianceError {
  return new ApplianceError('model_not_loaded', 'No model is currently loaded.');
}
