/** The runs of one answer, one after the other, in one place of the queue. */
import { ApplianceError } from '../errors.ts';
import type { Run, RunEvent } from '../rkllm/index.ts';
import { type SilenceLimits, SilenceWatch } from './inactivity.ts';
import type { Ticket } from './npu-queue.ts';
import type { ModelRun, ResidentModel } from './resident-model.ts';

export interface ModelRunsOptions {
  model: ResidentModel;
  /** Aborts when the client leaves: ends the run. */
  signal: AbortSignal;
  limits: SilenceLimits;
  /** The place in the queue. */
  ticket: Ticket;
  /** Gets what has to be over before the model is no longer in use. */
  uses: Promise<unknown>[];
}

export class ModelRuns {
  readonly #options: ModelRunsOptions;
  #current: Promise<Run> | undefined;
  #promptCharacters = 0;
  #ended = false;

  constructor(options: ModelRunsOptions) {
    this.#options = options;
  }

  /**
   * Starts a run when the one before is over, unless the client has left. The events end as those of
   * a `Run`, and throw `runtime_failed` when the runtime gave no sign of life for too long; it is
   * ended then.
   */
  async start(
    request: ModelRun,
    promptCharacters: number,
  ): Promise<AsyncGenerator<RunEvent, void>> {
    const { model, signal, uses } = this.#options;
    await this.#over();
    if (this.#ended) throw new Error('another run begins although the last one was said to be');
    this.#promptCharacters = promptCharacters;
    this.#current = model.run(request, signal);
    uses.push(this.#over());
    const run = await this.#current;
    const abort = () => run.abort();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    void run.over.then(() => signal.removeEventListener('abort', abort));
    return this.#watched(run);
  }

  /** Asks the run to stop. */
  async abort(): Promise<void> {
    (await this.#run())?.abort();
  }

  /**
   * No other run follows: the next request has its turn as soon as this one is over, and not when its
   * last event has been read, because a slow reader must not hold up the others.
   */
  async last(): Promise<void> {
    this.#ended = true;
    if (this.#current) await this.#over();
    this.#options.ticket.release();
  }

  /** Ends what runs, whose reader may have left early; a runtime that does not obey is ended, too. */
  async end(): Promise<void> {
    const over = this.last();
    if (!this.#current) return over;
    await this.abort();
    // An abort waits for the end of prefill.
    const silence = this.#watch(() => {});
    await over;
    silence.end();
  }

  /** The run that was started last; undefined when it could not be. */
  async #run(): Promise<Run | undefined> {
    return this.#current?.catch(() => undefined);
  }

  /** Resolves, never rejects, when it is over. */
  async #over(): Promise<void> {
    await (await this.#run())?.over;
  }

  async *#watched(run: Run): AsyncGenerator<RunEvent, void> {
    let silentSeconds: number | undefined;
    const watch = this.#watch((seconds) => {
      silentSeconds = seconds;
    });
    try {
      for await (const event of run.events) {
        watch.heard();
        yield event;
        watch.listen();
      }
    } catch (error) {
      if (silentSeconds === undefined) throw error;
      throw new ApplianceError(
        'runtime_failed',
        `The runtime gave no token for ${silentSeconds} s, so it was stopped.`,
        { cause: error },
      );
    } finally {
      watch.end();
    }
  }

  /** Ends a runtime that gives no sign of life for too long. */
  #watch(onSilence: (seconds: number) => void): SilenceWatch {
    const { model, limits } = this.#options;
    return new SilenceWatch(limits, this.#promptCharacters, (seconds) => {
      onSilence(seconds);
      model.kill();
    });
  }
}
