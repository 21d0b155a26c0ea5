/** A model that was loaded: its worker process, started again when it died. */
import { basename } from 'node:path';
import { ApplianceError } from '../errors.ts';
import type { Model } from '../library/index.ts';
import {
  type Capabilities,
  capabilitiesOf,
  type InitParams,
  ModelProcess,
  type Run,
  type RunRequest,
  type RunSampling,
  type RuntimeLibrary,
} from '../rkllm/index.ts';
import type { Domains } from './domains.ts';
import { contextLimitIn, fitContext, loadLimitMs, tooSlow } from './load-limits.ts';
import type { Logger } from './logger.ts';
import { Prompter, type PromptModel } from './prompt/index.ts';
import { defaultSampling, runSampling } from './sampling.ts';
import type { LoadedModelInfo } from './types.ts';

/** The part of a catalogue entry that loading needs. */
export type ModelFile = Pick<
  Model,
  'name' | 'path' | 'sizeBytes' | 'problem' | 'inspection' | 'modelfile' | 'searchFolders'
>;

export interface ModelSettings {
  /** Tokens; clamped to what the file allows. */
  contextLength: number;
  cpus: InitParams['cpus'];
  embedFlash: boolean;
  environment: NodeJS.ProcessEnv;
}

export interface ResidentModelOptions {
  file: ModelFile;
  library: RuntimeLibrary;
  settings: ModelSettings;
  domains: Domains;
  /** Makes room for a load and lets it happen; throws when there is none. */
  admit: <T>(model: ResidentModel, load: () => Promise<T>) => Promise<T>;
  /** Called when the model could not be loaded for the first time. */
  failed: (model: ResidentModel, reason: unknown) => void;
  log: Logger;
}

export class ResidentModel {
  readonly file: ModelFile;
  readonly prompter: Prompter;
  readonly loadedAt = new Date();
  /** Aborts when the model is unloaded: ends what waits for it. */
  readonly gone = new AbortController();
  readonly #library: RuntimeLibrary;
  readonly #settings: ModelSettings;
  readonly #domains: Domains;
  readonly #admit: ResidentModelOptions['admit'];
  readonly #failed: ResidentModelOptions['failed'];
  readonly #log: Logger;
  #process: ModelProcess | undefined;
  #loading: Promise<ModelProcess> | undefined;
  #contextLength: number;
  /** Most tokens that the file allows, as it says or as the runtime did; null as long as nobody knows. */
  #maxContext: number | null;
  #loadMs = 0;
  #hasLoaded = false;
  #busy = false;
  /** The template inside the file is off; this load cannot switch it on again. */
  #templateIsOff = false;

  constructor({ file, library, settings, domains, admit, failed, log }: ResidentModelOptions) {
    this.file = file;
    this.#library = library;
    this.#settings = settings;
    this.#domains = domains;
    this.#admit = admit;
    this.#failed = failed;
    this.#log = log.child({ model: file.name });
    this.#maxContext = file.inspection.maxContext;
    this.#contextLength = fitContext(
      file.modelfile.numCtx ?? settings.contextLength,
      this.#maxContext,
    );
    this.prompter = new Prompter(promptModelOf(file), {
      // Inferred: rkllm_set_chat_template, and so templates at all, came with 1.2.0.
      runtimeTemplate: this.capabilities.chatTemplate,
      log: this.#log,
    });
  }

  /** Names of the LoRA adapters that a request can choose. */
  get adapters(): readonly string[] {
    return this.file.inspection.loras.map(adapterName);
  }

  /** Process id of its worker; null while there is none. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get capabilities(): Capabilities {
    return capabilitiesOf(this.#library.version);
  }

  get contextLength(): number {
    return this.#contextLength;
  }

  /** Sampling of a request that asks for nothing else. */
  get sampling(): RunSampling {
    return { ...defaultSampling, ...runSampling(this.file.modelfile.sampling ?? {}) };
  }

  /** Most tokens of an answer that asks for no limit. */
  get maxTokens(): number {
    const wanted = this.file.modelfile.maxNewTokens ?? -1;
    return wanted > 0 ? Math.min(wanted, this.#contextLength) : this.#contextLength;
  }

  /** Runtime 1.3.0 misses the end of sequence of files from toolkit 1.2.x (rknn-llm issue 534). */
  get stopTokenIds(): readonly number[] {
    return this.#library.version === '1.3.0' ? this.file.inspection.eosTokenIds : [];
  }

  get loadMs(): number {
    return this.#loadMs;
  }

  info(): Omit<LoadedModelInfo, 'expiresAt' | 'pinned'> {
    return {
      name: this.file.name,
      path: this.file.path,
      sizeBytes: this.file.sizeBytes,
      loadedAt: this.loadedAt,
      loadMs: this.#loadMs,
      pid: this.pid,
      contextLength: this.#contextLength,
      state: this.#state(),
    };
  }

  /** False for a model that was only asked for: whoever asked left before its load began. */
  get isWanted(): boolean {
    return this.#hasLoaded || this.#loading !== undefined;
  }

  /** Loads unless loaded; one load serves all who wait for it. Throws `load_failed`, `model_unloaded`. */
  async ready(): Promise<ModelProcess> {
    this.gone.signal.throwIfAborted();
    if (this.#process && !this.#loading) return this.#process;
    return this.#loadOnce(() => this.#load());
  }

  /**
   * The worker, with at least `contextLength` tokens as far as the file allows; it is loaded again
   * where it was loaded with less. The caller has the NPU's turn.
   */
  async readyWith(contextLength: number | undefined): Promise<ModelProcess> {
    // What is being loaded has the length that was known then.
    while (this.#loading) await this.#loading.catch(() => {});
    this.gone.signal.throwIfAborted();
    const wanted = fitContext(contextLength ?? 0, this.#maxContext);
    if (wanted <= this.#contextLength) return this.ready();
    return this.#loadOnce(() => this.#reload(wanted));
  }

  /** Runs when the runtime is free. The caller has the NPU's turn. */
  async run(request: RunRequest & { ownTemplate: boolean }): Promise<Run> {
    const process = await this.ready();
    const { ownTemplate, ...rest } = request;
    const isText = rest.input.type === 'prompt';
    if (isText && !ownTemplate && this.capabilities.chatTemplate) {
      await this.#turnTemplateOff(process);
    }
    const run = process.run(rest);
    this.#busy = true;
    void run.over.then(() => {
      this.#busy = false;
    });
    return run;
  }

  /** True while a prompt can be left to the template inside the file. */
  get hasOwnTemplate(): boolean {
    return this.capabilities.chatTemplate && !this.#templateIsOff;
  }

  /** Forgets what was prefilled. Nothing to forget before 1.2.0. */
  async clearKvCache(): Promise<void> {
    if (!this.capabilities.clearKvCache) return;
    const process = await this.ready();
    await process.call({ method: 'clearKvCache' });
  }

  /** Ends the worker of a runtime that hangs. */
  kill(): void {
    this.#process?.kill();
  }

  /** Resolves when the memory is given back. `reason` is what those who wait for the model hear. */
  async unload(
    reason: unknown = new ApplianceError('model_unloaded', 'The model was unloaded.'),
  ): Promise<void> {
    this.gone.abort(reason);
    await this.#loading?.catch(() => {});
    await this.#process?.unload();
    await this.prompter.close();
  }

  async #turnTemplateOff(process: ModelProcess): Promise<void> {
    if (this.#templateIsOff) return;
    const off = { system: '', prefix: '', postfix: '' };
    const status = await process.call({ method: 'setChatTemplate', ...off });
    if (status !== 0) {
      throw new ApplianceError(
        'runtime_failed',
        `The runtime did not switch the model's own chat template off (status ${status}).`,
      );
    }
    this.#templateIsOff = true;
  }

  #loadOnce(load: () => Promise<ModelProcess>): Promise<ModelProcess> {
    this.#loading ??= load()
      .catch((error: unknown) => {
        if (!this.#hasLoaded) this.#failed(this, error);
        throw error;
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  /** Leaves the next request the context that there was, should the longer one not fit. */
  async #reload(contextLength: number): Promise<ModelProcess> {
    const before = this.#contextLength;
    this.#contextLength = contextLength;
    try {
      await this.#process?.unload();
      return await this.#load();
    } catch (error) {
      this.#contextLength = before;
      throw error;
    }
  }

  async #load(): Promise<ModelProcess> {
    const started = performance.now();
    try {
      return await this.#admit(this, () => this.#start(this.#contextLength));
    } catch (error) {
      const limit = contextLimitIn(error);
      if (limit === null || limit >= this.#contextLength) throw error;
      this.#log.warn({ limit }, 'the model allows a smaller context than the settings ask for');
      this.#maxContext = limit;
      this.#contextLength = fitContext(limit, null);
      return await this.#admit(this, () => this.#start(this.#contextLength));
    } finally {
      this.#loadMs = performance.now() - started;
    }
  }

  async #start(contextLength: number): Promise<ModelProcess> {
    const { file } = this;
    this.gone.signal.throwIfAborted();
    const domain = this.#domains.take(file.sizeBytes);
    const process = new ModelProcess({
      library: this.#library,
      environment: this.#settings.environment,
      // What the runtime calls information is detail to the board's owner.
      log: ({ level, source, message }) =>
        this.#log[level === 'info' ? 'debug' : level]({ source }, message),
      params: {
        modelPath: file.path,
        maxContextLength: contextLength,
        maxNewTokens: contextLength,
        nKeep: -1,
        sampling: this.sampling,
        baseDomainId: domain,
        embedFlash: this.#settings.embedFlash,
        cpus: this.#settings.cpus,
      },
    });
    const limit = AbortSignal.timeout(loadLimitMs(file.sizeBytes));
    const exit: { reason?: ApplianceError } = {};
    void process.exited.then((reason) => {
      exit.reason = reason;
      this.#onExit(process, domain, reason);
    });
    await process.load(AbortSignal.any([limit, this.gone.signal])).catch((error: unknown) => {
      throw limit.aborted ? tooSlow(file) : error;
    });
    // It may have died with the model just loaded.
    if (exit.reason) throw exit.reason;
    await this.#loadAdapters(process);
    this.#process = process;
    this.#hasLoaded = true;
    this.#templateIsOff = false;
    return process;
  }

  /** LoRA files beside the model, each under its file's name; one that fails is a warning. */
  async #loadAdapters(process: ModelProcess): Promise<void> {
    for (const path of this.file.inspection.loras) {
      const name = adapterName(path);
      const status = await process.call({ method: 'loadLora', path, name, scale: 1 });
      if (status !== 0) this.#log.warn({ adapter: path }, 'the LoRA adapter could not be loaded');
    }
  }

  #onExit(process: ModelProcess, domain: number, reason: ApplianceError): void {
    this.#domains.free(domain, this.file.sizeBytes);
    if (this.#process !== process) return;
    this.#process = undefined;
    if (reason.code !== 'model_unloaded') this.#log.error(reason.message);
  }

  #state(): LoadedModelInfo['state'] {
    if (this.#loading) return 'loading';
    // Not loading yet: it is its request's turn soon.
    if (!this.#process) return this.#hasLoaded ? 'crashed' : 'loading';
    return this.#busy ? 'busy' : 'ready';
  }
}

function adapterName(path: string): string {
  return basename(path, '.rkllm');
}

/** What writing prompts for a model needs to know of it. */
export function promptModelOf({
  name,
  inspection,
  searchFolders,
  modelfile,
}: ModelFile): PromptModel {
  return {
    name,
    searchFolders,
    modelfile,
    architecture: inspection.architecture,
    templatePrefix: inspection.chatTemplate?.prefix?.text ?? null,
  };
}
