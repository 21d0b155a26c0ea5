/** A model that was loaded: what it can do, its prompts, its runs and what they leave in the KV cache. */
import { ApplianceError } from '../errors.ts';
import {
  type Capabilities,
  capabilitiesOf,
  type ModelProcess,
  type Run,
  type RunSampling,
  type RuntimeLibrary,
} from '../rkllm/index.ts';
import type { Domains } from './domains.ts';
import type { Logger } from './logger.ts';
import { adapterName, type ModelFile, type ModelSettings, ModelWorker } from './model-worker.ts';
import type { Ticket } from './npu-queue.ts';
import { type Beginning, PrefixKeeper, type PrefixRun, type PrefixStore } from './prefix/index.ts';
import { Prompter, type PromptModel } from './prompt/index.ts';
import { defaultSampling, runSampling } from './sampling.ts';
import type { LoadedModelInfo } from './types.ts';

export type { ModelFile, ModelSettings } from './model-worker.ts';

export interface ResidentModelOptions {
  file: ModelFile;
  library: RuntimeLibrary;
  settings: ModelSettings;
  domains: Domains;
  /** Makes room for a load and lets it happen; throws when there is none. */
  admit: <T>(model: ResidentModel, load: () => Promise<T>) => Promise<T>;
  /** Called when the model could not be loaded for the first time. */
  failed: (model: ResidentModel, reason: unknown) => void;
  /** Where prompts are kept on disk. */
  prefixes: PrefixStore;
  /** The NPU's turn, when nobody wants it; null otherwise. */
  idleTurn: (model: string) => Ticket | null;
  log: Logger;
}

/** What a run is asked to do. */
export interface ModelRun extends PrefixRun {
  /** Whether the template inside the model file is put around a text. */
  ownTemplate: boolean;
}

export class ResidentModel {
  readonly file: ModelFile;
  readonly prompter: Prompter;
  readonly loadedAt = new Date();
  readonly #library: RuntimeLibrary;
  readonly #worker: ModelWorker;
  readonly #prefixes: PrefixKeeper;
  readonly #store: PrefixStore;
  #busy = false;
  /** The worker in which the template inside the file is off; it cannot be switched on again. */
  #withoutTemplate: ModelProcess | undefined;

  constructor(options: ResidentModelOptions) {
    const { file, library, settings, domains, admit, failed, prefixes, idleTurn } = options;
    const log = options.log.child({ model: file.name });
    this.file = file;
    this.#library = library;
    this.#store = prefixes;
    this.#worker = new ModelWorker({
      file,
      library,
      settings,
      domains,
      sampling: this.sampling,
      admit: (load) => admit(this, load),
      failed: (reason) => failed(this, reason),
      starting: () => this.#prefixes.starting(),
      leaving: (process) => this.#prefixes.leave(process),
      log,
    });
    this.#prefixes = new PrefixKeeper({
      store: prefixes,
      model: { path: file.path, adapters: file.inspection.loras },
      library,
      embedFlash: settings.embedFlash,
      contextLength: () => this.#worker.contextLength,
      idleTurn: () => idleTurn(file.name),
      log,
    });
    this.prompter = new Prompter(promptModelOf(file), {
      // Inferred: rkllm_set_chat_template, and so templates at all, came with 1.2.0.
      runtimeTemplate: this.capabilities.chatTemplate,
      log,
    });
  }

  /** Aborts when the model is unloaded: ends what waits for it. */
  get gone(): AbortController {
    return this.#worker.gone;
  }

  /** Names of the LoRA adapters that a request can choose. */
  get adapters(): readonly string[] {
    return this.file.inspection.loras.map(adapterName);
  }

  /** Name of the adapter that its Modelfile names; undefined without one. */
  get adapter(): string | undefined {
    return this.file.adapter === null ? undefined : adapterName(this.file.adapter);
  }

  /** Process id of its worker; null while there is none. */
  get pid(): number | null {
    return this.#worker.process?.pid ?? null;
  }

  get capabilities(): Capabilities {
    return capabilitiesOf(this.#library.version);
  }

  /** Tokens. */
  get contextLength(): number {
    return this.#worker.contextLength;
  }

  /** Sampling of a request that asks for nothing else. */
  get sampling(): RunSampling {
    return { ...defaultSampling, ...runSampling(this.file.modelfile.sampling ?? {}) };
  }

  /** Most tokens of an answer that asks for no limit. */
  get maxTokens(): number {
    const wanted = this.file.modelfile.maxNewTokens ?? -1;
    return wanted > 0 ? Math.min(wanted, this.contextLength) : this.contextLength;
  }

  /** Runtime 1.3.0 misses the end of sequence of files from toolkit 1.2.x (rknn-llm issue 534). */
  get stopTokenIds(): readonly number[] {
    return this.#library.version === '1.3.0' ? this.file.inspection.eosTokenIds : [];
  }

  /** False for a model that was only asked for: whoever asked left before its load began. */
  get isWanted(): boolean {
    return this.#worker.hasLoaded || this.#worker.isLoading;
  }

  info(): Omit<LoadedModelInfo, 'expiresAt' | 'pinned'> {
    return {
      name: this.file.name,
      path: this.file.path,
      sizeBytes: this.file.sizeBytes,
      loadedAt: this.loadedAt,
      loadMs: this.#worker.loadMs,
      pid: this.pid,
      contextLength: this.contextLength,
      state: this.#state(),
      prefixes: { ...this.#store.kept(this.file.path), ...this.#prefixes.counts() },
    };
  }

  /** Loads unless loaded; one load serves all who wait for it. Throws `load_failed`, `model_unloaded`. */
  async ready(): Promise<ModelProcess> {
    return this.#worker.ready();
  }

  /**
   * The worker, with at least `contextLength` tokens as far as the file allows; it is loaded again
   * where it was loaded with less. The caller has the NPU's turn.
   */
  readyWith(contextLength: number | undefined): Promise<ModelProcess> {
    return this.#worker.readyWith(contextLength);
  }

  /** Characters at the beginning of a request that its last run has left in the KV cache. */
  familiarity(beginnings: readonly Beginning[]): number {
    return this.#prefixes.familiarity(beginnings);
  }

  /**
   * Runs when the runtime is free. The caller has the NPU's turn. Throws the reason of `signal` when
   * it aborts before: the runtime would read the whole prompt for nobody.
   */
  async run({ ownTemplate, ...request }: ModelRun, signal: AbortSignal): Promise<Run> {
    await this.#prefixes.prepare(await this.ready(), request);
    // A file that the runtime could not bear ended the worker with it.
    const process = await this.ready();
    const isText = request.input.type === 'prompt';
    if (isText && !ownTemplate && this.capabilities.chatTemplate) {
      await this.#turnTemplateOff(process);
    }
    signal.throwIfAborted();
    const run = this.#prefixes.start(process, request);
    this.#busy = true;
    void run.over.then(() => {
      this.#busy = false;
    });
    return run;
  }

  /** True while a prompt can be left to the template inside the file. */
  get hasOwnTemplate(): boolean {
    const { process } = this.#worker;
    return this.capabilities.chatTemplate && !(process && process === this.#withoutTemplate);
  }

  /** Forgets what was prefilled. Nothing to forget before 1.2.0. */
  async clearKvCache(): Promise<void> {
    if (!this.capabilities.clearKvCache) return;
    const process = await this.ready();
    this.#prefixes.forget();
    await process.call({ method: 'clearKvCache' });
  }

  /** When the worker was killed that has yet to end, by `performance.now()`; null otherwise. */
  get killedAt(): number | null {
    return this.#worker.killedAt;
  }

  /** Ends the worker of a runtime that hangs. */
  kill(): void {
    this.#worker.kill();
  }

  /** Resolves when the memory is given back. `reason` is what those who wait for the model hear. */
  async unload(
    reason: unknown = new ApplianceError('model_unloaded', 'The model was unloaded.'),
  ): Promise<void> {
    await this.#worker.refuse(reason);
    const { process } = this.#worker;
    if (process) {
      await this.#prefixes.leave(process);
      await process.unload();
    }
    this.#store.track(this.#prefixes.close());
    await this.prompter.close();
  }

  async #turnTemplateOff(process: ModelProcess): Promise<void> {
    if (this.#withoutTemplate === process) return;
    const off = { system: '', prefix: '', postfix: '' };
    this.#prefixes.forget();
    const status = await process.call({ method: 'setChatTemplate', ...off });
    if (status !== 0) {
      throw new ApplianceError(
        'runtime_failed',
        `The runtime did not switch the model's own chat template off (status ${status}).`,
      );
    }
    this.#withoutTemplate = process;
  }

  #state(): LoadedModelInfo['state'] {
    if (this.#worker.isLoading) return 'loading';
    // Not loading yet: it is its request's turn soon.
    if (!this.#worker.process) return this.#worker.hasLoaded ? 'crashed' : 'loading';
    return this.#busy ? 'busy' : 'ready';
  }
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
