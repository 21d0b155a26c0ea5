/** A model in a worker process, exactly as the daemon runs it, and what its runs gave. */
import { ApplianceError } from '../../errors.ts';
import type { Model } from '../../library/index.ts';
import {
  type Capabilities,
  type Counters,
  defaultCpus,
  type LogRecord,
  type Matrix,
  ModelProcess,
  type Run,
  type RunRequest,
  type RuntimeLibrary,
} from '../../rkllm/index.ts';
import { Broken, NotTested } from './assertion.ts';

export interface SubjectOptions {
  library: RuntimeLibrary;
  model: Model;
  /** First IOMMU domain of its own. */
  domain: number;
  environment: NodeJS.ProcessEnv;
  /** Silence of the runtime in a run after which it is taken as hanging. */
  patienceMs: number;
  /** The same for a load, beside what reading the file takes. */
  loadPatienceMs: number;
  log: (record: LogRecord) => void;
}

export interface Answer {
  text: string;
  ids: readonly number[];
  tokens: number;
  ending: 'end' | 'limit' | 'aborted';
  counters: Counters | null;
  /** Entries in the KV cache afterwards; null before 1.2.1. */
  kvEntries: number | null;
  matrices: readonly Matrix[];
  firstTokenMs: number | null;
  totalMs: number;
}

type Observer = (run: Run, tokens: number) => void;

/** Room for what the assertions ask, and little memory. */
const contextTokens = 1024;

export class Subject {
  readonly #process: ModelProcess;
  readonly #options: SubjectOptions;
  #templateIsOff = false;
  #isGone = false;
  loadMs = 0;

  constructor(options: SubjectOptions) {
    this.#options = options;
    const { library, model, domain, environment, log } = options;
    this.#process = new ModelProcess({
      library,
      environment,
      log,
      params: {
        modelPath: model.path,
        maxContextLength: Math.min(contextTokens, model.inspection.maxContext ?? contextTokens),
        maxNewTokens: -1,
        nKeep: -1,
        // Always the likeliest token: what comes twice must be the same.
        sampling: { topK: 1, repeatPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 },
        baseDomainId: domain,
        embedFlash: true,
        cpus: defaultCpus(),
      },
    });
    void this.#process.exited.then(() => {
      this.#isGone = true;
    });
  }

  get capabilities(): Capabilities {
    return this.#process.capabilities;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get facts() {
    return this.#process.facts;
  }

  /** Throws `load_failed`. */
  async load(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const limit = AbortSignal.timeout(this.#options.loadPatienceMs + this.#slowCardMs());
    try {
      await this.#process.load(AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted) throw error;
      throw new ApplianceError('load_failed', 'rkllm_init did not return, and was stopped.');
    }
    this.loadMs = performance.now() - began;
  }

  /** Runs to the end. `observe` sees every message, and may abort. */
  async ask(request: RunRequest, observe: Observer = () => {}): Promise<Answer> {
    const began = performance.now();
    const run = this.#process.run(request);
    const texts: string[] = [];
    const ids: number[] = [];
    const matrices: Matrix[] = [];
    let firstTokenMs: number | null = null;
    let isSilent = false;
    const silence = setTimeout(() => {
      isSilent = true;
      this.#process.kill();
    }, this.#options.patienceMs);
    try {
      for await (const event of run.events) {
        silence.refresh();
        if (event.type === 'finished') {
          const { tokens, ending, counters, kvEntries } = event;
          await run.over;
          const totalMs = performance.now() - began;
          const text = texts.join('');
          return {
            text,
            ids,
            tokens,
            ending,
            counters,
            kvEntries,
            matrices,
            firstTokenMs,
            totalMs,
          };
        }
        firstTokenMs ??= performance.now() - began;
        if (event.type === 'matrix') matrices.push(event);
        else {
          texts.push(...event.texts);
          ids.push(...event.ids);
        }
        observe(run, ids.length);
      }
    } catch (error) {
      const seconds = this.#options.patienceMs / 1000;
      if (isSilent) throw new Broken(`the runtime was silent for ${seconds} s, and was stopped`);
      throw error;
    } finally {
      clearTimeout(silence);
    }
    throw new Broken('the run ended without an end');
  }

  /** A question in the model's own template, without thinking where that can be switched off. */
  question(text: string, maxTokens: number, observe?: Observer): Promise<Answer> {
    const thinking = this.capabilities.roleAndThinking ? { thinking: false } : {};
    return this.ask(
      { input: { type: 'prompt', text, ...thinking }, options: {}, maxTokens },
      observe,
    );
  }

  /** A text as it is, with the template inside the file switched off. */
  async plain(text: string, more: Partial<RunRequest> = {}): Promise<Answer> {
    await this.switchTemplateOff();
    return this.ask({ input: { type: 'prompt', text }, options: {}, maxTokens: 1, ...more });
  }

  /** For this load it cannot be switched on again. */
  async switchTemplateOff(): Promise<void> {
    if (this.#templateIsOff || !this.capabilities.chatTemplate) return;
    await this.call({ method: 'setChatTemplate', system: '', prefix: '', postfix: '' });
    this.#templateIsOff = true;
  }

  /** Forgets what is in the KV cache; nothing before 1.2.0, which keeps nothing. */
  async forget(): Promise<void> {
    if (this.capabilities.clearKvCache) await this.call({ method: 'clearKvCache' });
  }

  async kvEntries(): Promise<number> {
    const sizes = await this.#process.call({ method: 'kvCacheSizes' });
    return Array.isArray(sizes) ? (sizes[0] ?? 0) : sizes;
  }

  /** Throws `Broken` when the function reports a failure. */
  async call(call: Parameters<ModelProcess['call']>[0]): Promise<void> {
    const status = await this.#process.call(call);
    if (status !== 0) throw new Broken(`${call.method} returned ${status}`);
  }

  async end(): Promise<void> {
    await this.#process.unload();
  }

  kill(): void {
    this.#process.kill();
  }

  /** Reading the file from a slow card. */
  #slowCardMs(): number {
    return Math.ceil(this.#options.model.sizeBytes / 10_000);
  }
}

/** Prompt tokens that were computed. Throws `NotTested` where the runtime does not tell. */
export function prefilled({ counters }: Answer): number {
  if (counters === null) throw new NotTested('this runtime tells no counters');
  return counters.prefillTokens;
}
