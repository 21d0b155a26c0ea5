/** A loaded model, as the daemon sees it: a worker process, its runs and its end. */
import { type ChildProcess, fork } from 'node:child_process';
import { ApplianceError } from '../errors.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { Channel } from './channel.ts';
import type { InitParams } from './init-param.ts';
import type { RuntimeLibrary } from './library.ts';
import type { LogRecord, ModelFacts } from './log-lines.ts';
import {
  type Command,
  type FinishedReport,
  type NativeCall,
  type Report,
  reportSchema,
} from './protocol.ts';
import type { Run, RunEvent, RunRequest } from './run.ts';
import { workerEnvironment } from './worker-environment.ts';
import { workerFile } from './worker-file.ts';
import { WorkerOutput } from './worker-output.ts';

export interface ModelProcessOptions {
  library: RuntimeLibrary;
  params: InitParams;
  /** Gets every line that the runtime logs. */
  log: (record: LogRecord) => void;
  /** Variables of the daemon from which the worker's are chosen. */
  environment?: NodeJS.ProcessEnv;
  /** How long a call besides load and run may take before its worker is ended; a minute unless told. */
  callLimitMs?: number;
}

interface CurrentRun {
  id: number;
  events: Channel<RunEvent>;
  /** Puts an event into `events`, for the watcher to see it, too. */
  emit: (event: RunEvent) => void;
  /** Tokens so far. */
  tokens: number;
  /** Writes a prompt cache when it ends. */
  saves: boolean;
  over: () => void;
}

/** How long a worker may take to give its model back before it is killed. */
const unloadGraceMs = 3000;
/** The longest of them read a file from a slow card. */
const defaultCallLimitMs = 60_000;

export class ModelProcess {
  readonly capabilities: Capabilities;
  readonly #options: ModelProcessOptions;
  readonly #output: WorkerOutput;
  readonly #answers = new Map<
    number,
    { resolve: (value: number | number[]) => void; reject: (error: unknown) => void }
  >();
  readonly #exit = Promise.withResolvers<ApplianceError>();
  #child: ChildProcess | undefined;
  #exitReason: ApplianceError | undefined;
  #loading: PromiseWithResolvers<Report> | undefined;
  #current: CurrentRun | undefined;
  #nextId = 1;
  #unloading = false;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
    this.capabilities = capabilitiesOf(options.library.version);
    this.#output = new WorkerOutput(options.log);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** What the runtime told about itself, the board and the model. */
  get facts(): Readonly<ModelFacts> {
    return this.#output.facts;
  }

  /** Resolves with the reason when the worker is gone, whoever ended it. */
  get exited(): Promise<ApplianceError> {
    return this.#exit.promise;
  }

  /** Starts the worker and loads the model. Throws `load_failed`; the worker is gone then. */
  async load(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const child = this.#spawn();
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill);
    this.#loading = Promise.withResolvers();
    this.#send({
      type: 'load',
      library: this.#options.library.path,
      version: this.#options.library.version,
      params: this.#options.params,
    });
    try {
      const report = await Promise.race([this.#loading.promise, this.#exit.promise]);
      if (report instanceof ApplianceError) throw this.#loadError(report.message);
      await this.#output.sync(0);
      // Before 1.2 a failed load could report success (rknn-llm issue 156); it still logs the error.
      if (report.type === 'loaded' && !this.#initFailedAllTheSame()) return;
      const words = report.type === 'load_failed' ? report.message : null;
      const error = this.#loadError(words ?? 'rkllm_init failed without a word');
      kill();
      await this.#exit.promise;
      throw error;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', kill);
      this.#loading = undefined;
    }
  }

  /**
   * Starts a run; the one before must be over.
   * @param onEvent sees every event as it comes, also those that nobody reads from `events`
   */
  run(request: RunRequest, onEvent?: (event: RunEvent) => void): Run {
    if (this.#current) throw new Error('this model still runs something else');
    const id = this.#nextId++;
    const events = new Channel<RunEvent>();
    const { promise, resolve } = Promise.withResolvers<void>();
    const emit = (event: RunEvent) => {
      onEvent?.(event);
      events.push(event);
    };
    const saves = request.options.savePromptCache !== undefined;
    const current: CurrentRun = { id, events, emit, tokens: 0, saves, over: resolve };
    const abort = () => {
      this.#send({ type: 'abort', run: id });
    };
    if (this.#exitReason) {
      events.fail(this.#exitReason);
      resolve();
    } else {
      this.#output.begin();
      this.#current = current;
      this.#send({ type: 'run', run: id, ...request });
    }
    return { events, abort, over: promise };
  }

  /**
   * Calls another function of the runtime; resolves with its return value. Rejects with
   * `runtime_crashed` when the worker ends over it, or is ended because it does not come back.
   */
  call(call: NativeCall): Promise<number | number[]> {
    if (this.#current) return Promise.reject(new Error('this model runs something'));
    if (this.#exitReason) return Promise.reject(this.#exitReason);
    const id = this.#nextId++;
    const { log, callLimitMs = defaultCallLimitMs } = this.#options;
    const hangs = setTimeout(() => {
      const message = `${call.method} did not come back within ${callLimitMs / 1000} s`;
      log({ level: 'error', source: 'worker', message });
      this.kill();
    }, callLimitMs);
    const { promise, resolve, reject } = Promise.withResolvers<number | number[]>();
    this.#answers.set(id, { resolve, reject });
    this.#send({ type: 'call', id, call });
    return promise.finally(() => clearTimeout(hangs));
  }

  /** Ends the current run, frees the model and ends the worker; kills it when that takes too long. */
  async unload(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#unloading = true;
    this.#send({ type: 'unload' });
    const timer = setTimeout(() => child.kill('SIGKILL'), unloadGraceMs);
    await this.#exit.promise;
    clearTimeout(timer);
  }

  /** Ends the worker at once. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #spawn(): ChildProcess {
    const needsTable = !this.capabilities.counters;
    const child = fork(workerFile(), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: workerEnvironment(this.#options.environment ?? process.env, needsTable ? 1 : 0),
      // Young objects of a worker are token texts: a small nursery keeps the process small.
      execArgv: ['--max-semi-space-size=1', '--optimize-for-size'],
    });
    this.#child = child;
    if (child.stdout) this.#output.read(child.stdout);
    if (child.stderr) this.#output.read(child.stderr);
    child.on('message', (message) => void this.#onMessage(message));
    child.on('error', (error) => {
      this.#options.log({ level: 'error', source: 'worker', message: error.message });
      if (child.pid === undefined) this.#onExit(null, null);
    });
    // `close` comes after the last line of output, unlike `exit`.
    child.once('close', (code, signal) => this.#onExit(code, signal));
    return child;
  }

  async #onMessage(message: unknown): Promise<void> {
    const parsed = reportSchema.safeParse(message);
    if (!parsed.success) {
      const words = `the worker speaks another protocol: ${parsed.error.message}`;
      this.#options.log({ level: 'error', source: 'worker', message: words });
      this.kill();
      return;
    }
    const report = parsed.data;
    switch (report.type) {
      case 'loaded':
      case 'load_failed':
        this.#loading?.resolve(report);
        return;
      case 'tokens':
        this.#onTokens(report);
        return;
      case 'matrix': {
        const { run, ...matrix } = report;
        this.#running(run)?.emit(matrix);
        return;
      }
      case 'finished':
        return this.#onFinished(report);
      case 'run_refused':
        this.#endRun(report.run, ({ events }) =>
          events.fail(new ApplianceError('unsupported', `The run was refused: ${report.message}.`)),
        );
        return;
      case 'answer':
        this.#takeAnswer(report.id)?.resolve(report.value);
        return;
      case 'refusal':
        this.#takeAnswer(report.id)?.reject(new Error(report.message));
        return;
    }
  }

  #onTokens({ run: id, texts, ids }: Extract<Report, { type: 'tokens' }>): void {
    const run = this.#running(id);
    if (!run) return;
    run.tokens += texts.length;
    run.emit({ type: 'tokens', texts, ids });
  }

  async #onFinished(report: FinishedReport): Promise<void> {
    const run = this.#running(report.run);
    if (!run) return;
    if (!report.ok || report.counters === null || run.saves) await this.#output.sync(report.run);
    const { ending, tokens, rest, kvEntries } = report;
    const saveFailed = run.saves && this.#output.logged(/failed to save prompt cache/);
    this.#endRun(report.run, ({ events, emit }) => {
      if (!report.ok) {
        events.fail(this.#runError());
      } else {
        if (rest !== '') emit({ type: 'tokens', texts: [rest], ids: [-1] });
        const counters = report.counters ?? this.#output.takeCounters();
        const base = { type: 'finished', ending, tokens, counters, kvEntries } as const;
        emit(saveFailed ? { ...base, saveFailed } : base);
        events.close();
      }
    });
  }

  #endRun(id: number, end: (run: CurrentRun) => void): void {
    const run = this.#running(id);
    if (!run) return;
    end(run);
    this.#current = undefined;
    run.over();
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const reason = this.#output.reason();
    const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
    const error = this.#unloading
      ? unloaded()
      : new ApplianceError(
          'runtime_crashed',
          `The process that runs the model ${how}${reason ? `: ${reason}` : ''}.` +
            (this.#loading ? '' : ' It is started again with the next request.'),
        );
    this.#child = undefined;
    this.#exitReason = error;
    if (this.#current) this.#breakRun(this.#current, error);
    for (const { reject } of this.#answers.values()) reject(error);
    this.#answers.clear();
    this.#exit.resolve(error);
  }

  /** The worker is gone: a run of a model that was unloaded keeps what there is, any other fails. */
  #breakRun({ id, tokens }: CurrentRun, error: ApplianceError): void {
    this.#endRun(id, ({ events, emit }) => {
      if (!this.#unloading) return events.fail(error);
      const nothing = { counters: null, kvEntries: null };
      emit({ type: 'finished', ending: 'aborted', tokens, ...nothing });
      events.close();
    });
  }

  #running(run: number): CurrentRun | undefined {
    return this.#current?.id === run ? this.#current : undefined;
  }

  #takeAnswer(id: number) {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    return answer;
  }

  #initFailedAllTheSame(): boolean {
    return this.#output.logged(/init fail|load model file error/);
  }

  #loadError(fallback: string): ApplianceError {
    const reason = this.#output.reason() ?? fallback;
    return new ApplianceError('load_failed', `The model could not be loaded: ${reason}`);
  }

  #runError(): ApplianceError {
    const reason = this.#output.reason() ?? 'the runtime gave no reason';
    const tooLong = /prompt is greater than max context|context is not enough/;
    const code = this.#output.logged(tooLong) ? 'context_length_exceeded' : 'runtime_failed';
    return new ApplianceError(code, `The generation failed: ${reason}`);
  }

  #send(command: Command): void {
    if (this.#child?.connected) this.#child.send(command);
  }
}

function unloaded(): ApplianceError {
  return new ApplianceError('model_unloaded', 'The model was unloaded.');
}
