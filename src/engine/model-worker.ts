/** The worker process of one model: started when it is first needed, and again when it died. */
import { basename } from 'node:path';
import { ApplianceError } from '../errors.ts';
import type { Model } from '../library/index.ts';
import {
  type InitParams,
  ModelProcess,
  type RunSampling,
  type RuntimeLibrary,
} from '../rkllm/index.ts';
import type { Domains } from './domains.ts';
import { contextLimitIn, fitContext, loadLimitMs, tooSlow } from './load-limits.ts';
import type { Logger } from './logger.ts';

/** The part of a catalogue entry that loading needs. */
export type ModelFile = Pick<
  Model,
  | 'name'
  | 'path'
  | 'sizeBytes'
  | 'modifiedAt'
  | 'problem'
  | 'inspection'
  | 'modelfile'
  | 'adapter'
  | 'searchFolders'
>;

export interface ModelSettings {
  /** Tokens; clamped to what the file allows. */
  contextLength: number;
  cpus: InitParams['cpus'];
  embedFlash: boolean;
  environment: NodeJS.ProcessEnv;
}

export interface ModelWorkerOptions {
  file: ModelFile;
  library: RuntimeLibrary;
  settings: ModelSettings;
  domains: Domains;
  sampling: RunSampling;
  /** Makes room for a load and lets it happen; throws when there is none. */
  admit: <T>(load: () => Promise<T>) => Promise<T>;
  /** Called when the model could not be loaded for the first time. */
  failed: (reason: unknown) => void;
  /** Called before the model is loaded into a new worker. */
  starting: () => Promise<void>;
  /** Called before a worker that runs nothing is ended to be started with more context. */
  leaving: (process: ModelProcess) => Promise<void>;
  log: Logger;
}

export class ModelWorker {
  /** Aborts when the model is unloaded: ends what waits for it. */
  readonly gone = new AbortController();
  readonly #options: ModelWorkerOptions;
  #process: ModelProcess | undefined;
  #loading: Promise<ModelProcess> | undefined;
  #contextLength: number;
  /** Most tokens that the file allows, as it says or as the runtime did; null as long as nobody knows. */
  #maxContext: number | null;
  #loadMs = 0;
  #hasLoaded = false;
  #killedAt: number | null = null;

  constructor(options: ModelWorkerOptions) {
    const { file, settings } = options;
    this.#options = options;
    this.#maxContext = file.inspection.maxContext;
    this.#contextLength = fitContext(
      file.modelfile.numCtx ?? settings.contextLength,
      this.#maxContext,
    );
  }

  /** Undefined while there is none, or it is being loaded. */
  get process(): ModelProcess | undefined {
    return this.#process;
  }

  /** Tokens. */
  get contextLength(): number {
    return this.#contextLength;
  }

  /** Milliseconds that the last load took. */
  get loadMs(): number {
    return this.#loadMs;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  get hasLoaded(): boolean {
    return this.#hasLoaded;
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

  /** When the worker was killed that has yet to end, by `performance.now()`; null otherwise. */
  get killedAt(): number | null {
    return this.#killedAt;
  }

  /** Ends the worker of a runtime that hangs. */
  kill(): void {
    if (!this.#process) return;
    this.#killedAt ??= performance.now();
    this.#process.kill();
  }

  /** Resolves when what waited for a load has heard `reason`. */
  async refuse(reason: unknown): Promise<void> {
    this.gone.abort(reason);
    await this.#loading?.catch(() => {});
  }

  #loadOnce(load: () => Promise<ModelProcess>): Promise<ModelProcess> {
    this.#loading ??= load()
      .catch((error: unknown) => {
        if (!this.#hasLoaded) this.#options.failed(error);
        throw error;
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  /** Leaves the next request the context that there was, should the longer one not fit. */
  async #reload(contextLength: number): Promise<ModelProcess> {
    if (this.#process) await this.#options.leaving(this.#process);
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
    const { admit, log } = this.#options;
    const started = performance.now();
    try {
      return await admit(() => this.#start(this.#contextLength));
    } catch (error) {
      const limit = contextLimitIn(error);
      if (limit === null || limit >= this.#contextLength) throw error;
      log.warn({ limit }, 'the model allows a smaller context than the settings ask for');
      this.#maxContext = limit;
      this.#contextLength = fitContext(limit, null);
      return await admit(() => this.#start(this.#contextLength));
    } finally {
      this.#loadMs = performance.now() - started;
    }
  }

  async #start(contextLength: number): Promise<ModelProcess> {
    const { file, library, settings, domains, sampling, starting, log } = this.#options;
    this.gone.signal.throwIfAborted();
    await starting();
    this.gone.signal.throwIfAborted();
    const domain = domains.take(file.sizeBytes);
    const process = new ModelProcess({
      library,
      environment: settings.environment,
      // What the runtime calls information is detail to the board's owner.
      log: ({ level, source, message }) =>
        log[level === 'info' ? 'debug' : level]({ source }, message),
      params: {
        modelPath: file.path,
        maxContextLength: contextLength,
        maxNewTokens: contextLength,
        nKeep: -1,
        sampling,
        baseDomainId: domain,
        embedFlash: settings.embedFlash,
        cpus: settings.cpus,
      },
    });
    const limit = AbortSignal.timeout(loadLimitMs(file.sizeBytes));
    const exit: { reason?: ApplianceError } = {};
    void process.exited.then((reason) => {
      exit.reason = reason;
      this.#onExit(process, domain, reason);
    });
    const killed = () => {
      this.#killedAt ??= performance.now();
    };
    limit.addEventListener('abort', killed);
    try {
      await process.load(AbortSignal.any([limit, this.gone.signal]));
    } catch (error) {
      throw limit.aborted ? tooSlow(file) : error;
    } finally {
      limit.removeEventListener('abort', killed);
    }
    // It may have died with the model just loaded.
    if (exit.reason) throw exit.reason;
    await this.#loadAdapters(process);
    this.#process = process;
    this.#hasLoaded = true;
    return process;
  }

  /**
   * LoRA files beside the model, each under its file's name. One that fails is a warning, unless its
   * Modelfile names it: then the model would not be what it says.
   */
  async #loadAdapters(process: ModelProcess): Promise<void> {
    const { file, log } = this.#options;
    for (const path of file.inspection.loras) {
      const name = adapterName(path);
      const status = await process.call({ method: 'loadLora', path, name, scale: 1 });
      if (status === 0) continue;
      if (path !== file.adapter) {
        log.warn({ adapter: path }, 'the LoRA adapter could not be loaded');
        continue;
      }
      process.kill();
      await process.exited;
      throw new ApplianceError(
        'load_failed',
        `The model could not be loaded: the runtime refused its LoRA adapter ${basename(path)}.`,
      );
    }
  }

  #onExit(process: ModelProcess, domain: number, reason: ApplianceError): void {
    this.#killedAt = null;
    this.#options.domains.free(domain, this.#options.file.sizeBytes);
    if (this.#process !== process) return;
    this.#process = undefined;
    if (reason.code !== 'model_unloaded') this.#options.log.error(reason.message);
  }
}

/** The name under which requests choose an adapter. */
export function adapterName(path: string): string {
  return basename(path, '.rkllm');
}
