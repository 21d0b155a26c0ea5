/**
 * The line before the NPU, which does one thing well at a time: bounded, first come first served.
 */
import { ApplianceError } from '../errors.ts';

/** A place in the line. */
export interface Ticket {
  /** Resolves when it is this one's turn; rejects when the signal aborts before that. */
  turn: Promise<void>;
  /** Gives the turn to the next; safe to call more than once, and before the turn came. */
  release(): void;
}

export class NpuQueue {
  readonly #limit: number;
  #busy = false;
  /** What starts each of those who wait, first come first. */
  #waiting: (() => void)[] = [];

  /** `limit`: most requests that wait; one more is refused. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Requests that wait, the running one not counted. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Throws `queue_full`. */
  join(signal: AbortSignal): Ticket {
    if (this.#busy && this.#waiting.length >= this.#limit) {
      throw new ApplianceError(
        'queue_full',
        `The NPU is busy and ${this.#limit} requests wait already. Try again later.`,
        { retryAfterSeconds: 10 },
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever leaves before the turn came may never look at it.
    promise.catch(() => {});
    let state: 'waiting' | 'running' | 'over' = 'waiting';
    const start = () => {
      state = 'running';
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== start);
      reject(signal.reason);
    };
    if (signal.aborted) {
      reject(signal.reason);
    } else if (!this.#busy) {
      this.#busy = true;
      start();
    } else {
      this.#waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
    }
    return {
      turn: promise,
      release: () => {
        if (state === 'running') this.#next();
        else if (state === 'waiting') leave();
        signal.removeEventListener('abort', leave);
        state = 'over';
      },
    };
  }

  #next(): void {
    const startNext = this.#waiting.shift();
    if (startNext) startNext();
    else this.#busy = false;
  }
}
