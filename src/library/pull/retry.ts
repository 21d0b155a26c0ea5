import { setTimeout as sleep } from 'node:timers/promises';
import { ApplianceError } from '../../errors.ts';
import { TransientFailure } from './failures.ts';
import type { Tuning } from './tuning.ts';

type RetryTuning = Pick<Tuning, 'attempts' | 'backoffMs' | 'maxBackoffMs' | 'maxRetryAfterMs'>;

/** What is tried, for the error that ends it. */
export interface Work {
  /** `The download of x.rkllm` */
  what: string;
  /** What to do once the tries are used up, in a sentence. */
  advice: string;
}

export function downloadOf(file: string): Work {
  const advice = 'What has arrived is kept; pull again to go on.';
  return { what: `The download of ${file}`, advice };
}

/**
 * Counts tries that brought nothing, and waits between them. Connections that share one instance
 * and fail during the same outage wait together, which counts once.
 */
export class Retries {
  #failures = 0;
  #waiting: Promise<void> | null = null;
  readonly #tuning: RetryTuning;
  readonly #work: Work;

  constructor(work: Work, tuning: RetryTuning) {
    this.#work = work;
    this.#tuning = tuning;
  }

  /** Something was gained: the count starts again. */
  progressed(): void {
    this.#failures = 0;
  }

  /**
   * Waits before the next try.
   * @throws the failure itself when it is no {@link TransientFailure}; ApplianceError `pull_failed`
   *   when the tries are used up
   */
  async waitAfter(failure: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!(failure instanceof TransientFailure)) throw failure;
    this.#waiting ??= this.#wait(failure, signal).finally(() => {
      this.#waiting = null;
    });
    await this.#waiting;
  }

  async #wait(failure: TransientFailure, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    const { attempts, maxRetryAfterMs } = this.#tuning;
    const wait = this.#waitMs(failure);
    const asksTooMuch = (failure.retryAfterMs ?? 0) > maxRetryAfterMs;
    if (this.#failures >= attempts || asksTooMuch) {
      const { what, advice } = this.#work;
      const hint = asksTooMuch ? ` for ${Math.ceil(wait / 1000)} s` : '';
      throw new ApplianceError(
        'pull_failed',
        `${what} failed${hint}: ${failure.message}. ${advice}`,
        {
          cause: failure,
          ...(failure.retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(wait / 1000) }),
        },
      );
    }
    await sleep(wait, undefined, { signal });
  }

  #waitMs(failure: TransientFailure): number {
    const { backoffMs, maxBackoffMs } = this.#tuning;
    const ceiling = Math.min(maxBackoffMs, backoffMs * 2 ** (this.#failures - 1));
    const jittered = ceiling / 2 + (Math.random() * ceiling) / 2;
    return failure.retryAfterMs === null ? jittered : Math.max(failure.retryAfterMs, jittered);
  }
}

/** Runs `attempt` until it succeeds or {@link Retries} gives up. */
export async function withRetries<T>(
  work: Work,
  tuning: RetryTuning,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const retries = new Retries(work, tuning);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await retries.waitAfter(error, signal);
    }
  }
}

/** `Retry-After` is seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
