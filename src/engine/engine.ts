/** Loads models and generates with them, in no dialect at all. */
import { ApplianceError } from '../errors.ts';
import type { RuntimeLibrary } from '../rkllm/index.ts';
import { Domains } from './domains.ts';
import { generate } from './generation.ts';
import { defaultSilenceLimits, type SilenceLimits } from './inactivity.ts';
import type { Logger } from './logger.ts';
import { NpuQueue } from './npu-queue.ts';
import { assertPrintable } from './prompt/index.ts';
import { type ModelFile, type ModelSettings, ResidentModel } from './resident-model.ts';
import { namesOf } from './sampling.ts';
import type { Generation, GenerationRequest, LoadedModelInfo } from './types.ts';

export interface EngineOptions {
  /** Finds a model by any of its names; throws `model_not_found`, ... */
  catalogue: { find(name: string): ModelFile };
  /** The runtime to use; throws `runtime_not_found` or `runtime_unsupported`. */
  runtime: () => Promise<RuntimeLibrary>;
  settings: ModelSettings;
  /** Most requests that wait for the NPU. */
  queueLimit: number;
  silenceLimits?: SilenceLimits;
  log: Logger;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #queue: NpuQueue;
  readonly #domains = new Domains();
  /** By name, in the order of loading. */
  readonly #resident = new Map<string, ResidentModel>();
  readonly #toldUnsupported = new Set<string>();
  #stopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#queue = new NpuQueue(options.queueLimit);
  }

  /** Loads a model, or waits for who loads it already; resolves at once when it is loaded. */
  async load(name: string): Promise<LoadedModelInfo> {
    this.#assertRunning();
    const file = this.#options.catalogue.find(name);
    const resident = this.#resident.get(file.name) ?? (await this.#admit(file));
    try {
      await resident.ready();
    } catch (error) {
      if (this.#resident.get(file.name) === resident) this.#resident.delete(file.name);
      throw resident.gone.signal.aborted ? resident.gone.signal.reason : error;
    }
    return resident.info();
  }

  /**
   * Unloads a model, or all of them without a name, and resolves with the names when the NPU has
   * the memory back. A generation that runs ends at once; its client gets what there is.
   */
  async unload(name?: string): Promise<readonly string[]> {
    const names = name === undefined ? [...this.#resident.keys()] : [this.#loadedName(name)];
    const residents = names.flatMap((each) => this.#resident.get(each) ?? []);
    for (const each of names) this.#resident.delete(each);
    await Promise.all(residents.map((resident) => resident.unload()));
    return names;
  }

  /** The model that was loaded last. */
  current(): LoadedModelInfo | undefined {
    return [...this.#resident.values()].at(-1)?.info();
  }

  /** Loaded models, oldest first. */
  loaded(): readonly LoadedModelInfo[] {
    return [...this.#resident.values()].map((resident) => resident.info());
  }

  /** Requests that wait for the NPU. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /**
   * Queues a generation with a loaded model. Throws `model_not_loaded`, `queue_full`,
   * `invalid_request`. The place in the queue is kept until the events are read or `signal` aborts.
   */
  async generate(request: GenerationRequest, signal: AbortSignal): Promise<Generation> {
    this.#assertRunning();
    assertPrintable(request.messages);
    const model = this.#loadedModel(request.model);
    const cancelled = AbortSignal.any([signal, model.gone.signal]);
    const ticket = this.#queue.join(cancelled);
    const sampling = request.sampling ?? {};
    const perRun = model.capabilities.perRunSampling;
    const unsupported = perRun ? [] : namesOf(sampling);
    this.#tell(model, unsupported);
    return {
      model: model.file.name,
      unsupported,
      events: generate({
        model,
        messages: request.messages,
        ticket,
        signal,
        cancelled,
        limits: this.#options.silenceLimits ?? defaultSilenceLimits,
        request: {
          maxTokens: Math.min(request.maxTokens ?? model.maxTokens, model.contextLength),
          stopTokenIds: [...model.stopTokenIds],
          options: perRun ? { sampling: { ...model.sampling, ...sampling } } : {},
        },
      }),
    };
  }

  /** Refuses new work, ends what runs and unloads everything. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.unload();
  }

  async #admit(file: ModelFile): Promise<ResidentModel> {
    if (file.problem) {
      throw new ApplianceError('model_unusable', `${file.name} cannot run here: ${file.problem}`);
    }
    const library = await this.#options.runtime();
    this.#assertRunning();
    const known = this.#resident.get(file.name);
    if (known) return known;
    const { settings, log } = this.#options;
    const resident = new ResidentModel(file, library, settings, this.#domains, log);
    this.#resident.set(file.name, resident);
    return resident;
  }

  #loadedModel(name: string | undefined): ResidentModel {
    const loadedName =
      name === undefined ? [...this.#resident.keys()].at(-1) : this.#loadedName(name);
    const resident = loadedName === undefined ? undefined : this.#resident.get(loadedName);
    if (!resident) throw notLoaded();
    return resident;
  }

  /** The loaded model that `name` means: as it was loaded, or as the catalogue resolves it. */
  #loadedName(name: string): string {
    if (this.#resident.has(name)) return name;
    try {
      const { name: resolved } = this.#options.catalogue.find(name);
      if (this.#resident.has(resolved)) return resolved;
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
        'this runtime takes sampling only when a model is loaded; the field is ignored',
      );
    }
  }

  #assertRunning(): void {
    if (this.#stopping) throw new ApplianceError('stopping', 'The appliance is shutting down.');
  }
}

function notLoaded(): ApplianceError {
  return new ApplianceError('model_not_loaded', 'No model is currently loaded.');
}
