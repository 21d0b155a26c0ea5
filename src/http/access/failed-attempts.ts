const windowMs = 60_000;
/** Of one client, in one window. */
const freeAttempts = 10;
const delayMs = 1000;
const mostClients = 1000;

interface Attempts {
  since: number;
  count: number;
}

/**
 * Wrong keys, by client. Nobody guesses a key; what is bounded here is the noise. Nobody is locked
 * out: a right key never waits for the wrong ones of a neighbour behind the same address.
 */
export class FailedAttempts {
  readonly #clients = new Map<string, Attempts>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes one. `waitMs`: how long its answer should wait. */
  note(client: string): { count: number; waitMs: number; worthLogging: boolean } {
    const now = this.#now();
    const known = this.#clients.get(client);
    const attempts = known && now - known.since < windowMs ? known : { since: now, count: 0 };
    attempts.count += 1;
    // Written again as the newest.
    this.#clients.delete(client);
    this.#clients.set(client, attempts);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > mostClients && oldest !== undefined) this.#clients.delete(oldest);
    const { count } = attempts;
    const isFree = count <= freeAttempts;
    return { count, waitMs: isFree ? 0 : delayMs, worthLogging: isFree };
  }
}
