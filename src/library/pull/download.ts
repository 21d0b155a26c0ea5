import { ApplianceError } from '../../errors.ts';
import { Broadcast } from './broadcast.ts';
import type { PullContext } from './context.ts';
import type { PullEvent, PullState, PullStatus } from './events.ts';
import { type FileReference, fetchModel } from './fetch-model.ts';
import { ProgressMeter } from './progress.ts';
import { formatReference } from './reference.ts';
import type { PullTarget } from './target.ts';

/** One model file on its way, shared by all who ask for it. */
export class Download {
  readonly target: PullTarget;
  readonly reference: FileReference;
  /** Settles, and never rejects, when the download is over and its files are closed. */
  readonly ended: Promise<void>;
  readonly #context: PullContext;
  readonly #othersBytes: () => number;
  readonly #abort = new AbortController();
  readonly #broadcast = new Broadcast();
  #state: PullState = 'running';
  #sizeBytes = 0;
  #receivedBytes = 0;
  #rate: Pick<PullStatus, 'bytesPerSecond' | 'secondsLeft'> = noRate;
  #error: string | null = null;

  /** Begins at once; `othersBytes` is what the other running pulls still have to write. */
  constructor(
    target: PullTarget,
    reference: FileReference,
    context: PullContext,
    othersBytes: () => number,
  ) {
    this.target = target;
    this.reference = reference;
    this.#context = context;
    this.#othersBytes = othersBytes;
    this.ended = this.#run();
  }

  listen(signal?: AbortSignal): AsyncGenerator<PullEvent, void, undefined> {
    return this.#broadcast.listen(signal);
  }

  /** Ends it early, keeping the partial file; the listeners get `reason` thrown. */
  stop(reason: ApplianceError, state: 'cancelled' | 'stopped'): void {
    if (this.#isOver) return;
    this.#state = state;
    this.#abort.abort(reason);
  }

  /** Bytes that are still to be written. */
  get remainingBytes(): number {
    return this.#sizeBytes - this.#receivedBytes;
  }

  get #isOver(): boolean {
    return this.#state !== 'running' && this.#state !== 'verifying';
  }

  status(): PullStatus {
    return {
      id: this.target.id,
      reference: formatReference(this.reference),
      name: this.target.name,
      file: this.target.file,
      receivedBytes: this.#receivedBytes,
      sizeBytes: this.#sizeBytes,
      ...this.#rate,
      state: this.#state,
      ...(this.#error === null ? {} : { error: this.#error }),
    };
  }

  async #run(): Promise<void> {
    const { log } = this.#context;
    const { name, finalPath } = this.target;
    const reference = formatReference(this.reference);
    try {
      log.info({ reference, path: finalPath }, 'pull started');
      await this.#fetch();
      await this.#context.arrived(finalPath);
      this.#state = 'done';
      log.info({ reference }, 'pull done');
      this.#broadcast.publish({ type: 'done', name, path: finalPath });
      this.#broadcast.end({ error: null });
    } catch (cause) {
      const { aborted, reason } = this.#abort.signal;
      const error = asApplianceError(aborted ? reason : cause, this.target.file);
      if (!this.#isOver) this.#state = 'failed';
      this.#rate = noRate;
      this.#error = error.message;
      log.warn({ reference, err: error, cause }, 'pull ended without success');
      this.#broadcast.end({ error });
    }
  }

  async #fetch(): Promise<void> {
    const { file } = this.target;
    let meter = new ProgressMeter(0, 0, 0, 0);
    await fetchModel({
      target: this.target,
      reference: this.reference,
      context: this.#context,
      signal: this.#abort.signal,
      othersBytes: this.#othersBytes,
      onStart: (sizeBytes, resumedBytes) => {
        if (!this.#isOver) this.#state = 'running';
        this.#sizeBytes = sizeBytes;
        this.#receivedBytes = resumedBytes;
        const { progressMs } = this.#context.tuning;
        meter = new ProgressMeter(sizeBytes, resumedBytes, progressMs, performance.now());
        this.#broadcast.publish({ type: 'start', file, sizeBytes, resumedBytes });
      },
      onReceived: (receivedBytes) => {
        this.#receivedBytes = receivedBytes;
        const now = performance.now();
        this.#rate = meter.rate(receivedBytes, now);
        if (!meter.isDue(receivedBytes, now)) return;
        const sizeBytes = this.#sizeBytes;
        this.#broadcast.publish({
          type: 'progress',
          file,
          receivedBytes,
          sizeBytes,
          ...this.#rate,
        });
      },
      onVerifying: () => {
        if (!this.#isOver) this.#state = 'verifying';
        this.#rate = noRate;
        this.#broadcast.publish({ type: 'verifying', file });
      },
    });
  }
}

const noRate = { bytesPerSecond: 0, secondsLeft: null };

function asApplianceError(cause: unknown, file: string): ApplianceError {
  if (cause instanceof ApplianceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ApplianceError('pull_failed', `The pull of ${file} failed: ${reason}`, { cause });
}
