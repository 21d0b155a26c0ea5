import { TransientFailure } from './failures.ts';

/** A signal that fires when the caller's does, or when nothing happened for `timeoutMs`. */
export class InactivityWatch {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort: () => void;
  #isPaused = false;

  constructor(parent: AbortSignal, timeoutMs: number, host: string) {
    this.#parent = parent;
    this.#onAbort = () => this.#controller.abort(parent.reason);
    this.#timer = setTimeout(() => {
      if (this.#isPaused) return;
      const seconds = Math.round(timeoutMs / 1000);
      this.#controller.abort(new TransientFailure(`${host} sent nothing for ${seconds} s`));
    }, timeoutMs);
    if (parent.aborted) this.#onAbort();
    else parent.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The silence is ours for a while: a slow disk keeps us from reading. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Something arrived, or is waited for again. */
  touch(): void {
    this.#isPaused = false;
    this.#timer.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener('abort', this.#onAbort);
  }
}
