/**
 * The line before the NPU, which does one thing well at a time: bounded, and fair between clients
 * that send many and clients that send one (self-clocked fair queuing with requests of equal
 * weight). Who sends many waits behind his own requests, not everybody behind his.
 */
import { ApplianceError } from '../errors.ts';
import type { QueuedRequest } from './types.ts';

interface Entrant {
  /** Only one at a time runs of each; a model has one worker. */
  model: string;
  client?: string | undefined;
  /** Characters at the beginning of its prompt that its model has in memory now. */
  familiarity?: () => number;
  signal: AbortSignal;
}

/** A place in the line. */
export interface Ticket {
  /** Resolves when it is this one's turn; rejects when the signal aborts before that. */
  turn: Promise<void>;
  /** Gives the turn to the next; safe to call more than once, and before the turn came. */
  release(): void;
}

interface Place {
  model: string;
  joinedAt: number;
  startedAt: number;
  client: string;
  /** Virtual time of its end: one more for every earlier request of the same client. */
  tag: number;
  familiarity(): number;
  /** How often a later one had its turn. */
  passed: number;
  start(): void;
}

/**
 * A later request for the same model goes first when so much more of its prompt is in memory (about
 * 250 tokens, a second of prefill), but nobody is passed over more often than this, or once he has
 * waited this long.
 */
const worthwhileCharacters = 1000;
const mostPassed = 3;
const longestPassedMs = 10_000;

/** Weight of the newest run in the average. */
const newest = 0.2;

const restingPlace: Omit<Place, 'model'> = {
  client: '',
  joinedAt: 0,
  startedAt: 0,
  tag: 0,
  familiarity: () => 0,
  passed: 0,
  start() {},
};

export class NpuQueue {
  /** Most requests that wait; those that wait already stay. */
  limit: number;
  readonly #slots: number;
  /** In order of arrival. */
  #waiting: Place[] = [];
  readonly #running = new Set<Place>();
  /** Of these, work that nobody waits for. */
  #resting = 0;
  /** Turns so far. */
  #turns = 0;
  /** Tag of each client's latest request, and number of his last turn. */
  readonly #clients = new Map<string, { tag: number; turn: number }>();
  #virtualTime = 0;
  #meanRunMs: number | null = null;

  /** `limit`: most requests that wait. `slots`: most that run at once, with different models. */
  constructor(limit: number, slots = 1) {
    this.limit = limit;
    this.#slots = slots;
  }

  /** Requests that wait, the running ones not counted. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Who waits, next first. */
  status(): QueuedRequest[] {
    const now = performance.now();
    return this.#inOrder().map(({ model, joinedAt }, index) => ({
      model,
      position: index + 1,
      waitedMs: now - joinedAt,
      estimatedWaitMs: this.#estimateMs(index + 1),
    }));
  }

  /** Throws `queue_full`. */
  join({ model, client = '', familiarity = () => 0, signal }: Entrant): Ticket {
    // A save that nobody asked for takes nobody's place.
    const most = this.limit + this.#resting;
    if (this.#waiting.length >= most && !this.#canRun(model)) throw this.#full();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever leaves before the turn came may never look at it.
    promise.catch(() => {});
    const leave = () => {
      if (this.#waiting.includes(place)) this.#forget(place);
      reject(signal.reason);
    };
    const place: Place = {
      model,
      client,
      joinedAt: performance.now(),
      startedAt: 0,
      tag: 0,
      familiarity,
      passed: 0,
      start: () => {
        signal.removeEventListener('abort', leave);
        resolve();
      },
    };
    if (signal.aborted) {
      reject(signal.reason);
    } else {
      signal.addEventListener('abort', leave, { once: true });
      place.tag = this.#tagFor(client);
      this.#waiting.push(place);
      this.#startNext();
    }
    return {
      turn: promise,
      release: () => {
        signal.removeEventListener('abort', leave);
        if (this.#running.delete(place)) this.#learn(performance.now() - place.startedAt);
        else leave();
        this.#startNext();
      },
    };
  }

  /**
   * A turn for work that nobody waits for; null when there is other work. It counts for no client and
   * in no estimate.
   */
  rest(model: string): Ticket | null {
    if (this.#waiting.length > 0 || !this.#canRun(model)) return null;
    const place: Place = { ...restingPlace, model };
    this.#running.add(place);
    this.#resting += 1;
    return {
      turn: Promise.resolve(),
      release: () => {
        if (!this.#running.delete(place)) return;
        this.#resting -= 1;
        this.#startNext();
      },
    };
  }

  #startNext(): void {
    for (let place = this.#next(); place; place = this.#next()) {
      const next = place;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#running.add(next);
      this.#virtualTime = Math.max(this.#virtualTime, next.tag);
      this.#turns += 1;
      const client = this.#clients.get(next.client);
      if (client) client.turn = this.#turns;
      next.startedAt = performance.now();
      next.start();
    }
  }

  /** Whose turn it is: the first one's, or that of one who knows more of what is in memory. */
  #next(): Place | undefined {
    const [first, ...others] = this.#inOrder().filter((place) => this.#canRun(place.model));
    if (!first || others.length === 0) return first;
    const rivals = [first, ...others.filter((place) => place.model === first.model)];
    const now = performance.now();
    let best = 0;
    let most = first.familiarity() + worthwhileCharacters;
    for (const [index, rival] of rivals.entries()) {
      const known = index === 0 ? 0 : rival.familiarity();
      if (known >= most) [best, most] = [index, known + 1];
      if (rival.passed >= mostPassed || now - rival.joinedAt > longestPassedMs) break;
    }
    for (const passed of rivals.slice(0, best)) passed.passed += 1;
    return rivals[best];
  }

  #canRun(model: string): boolean {
    if (this.#running.size >= this.#slots) return false;
    return ![...this.#running].some((place) => place.model === model);
  }

  #inOrder(): Place[] {
    const lastTurn = ({ client }: Place) => this.#clients.get(client)?.turn ?? 0;
    return this.#waiting.toSorted((a, b) => a.tag - b.tag || lastTurn(a) - lastTurn(b));
  }

  #tagFor(client: string): number {
    const { tag: last, turn } = this.#clients.get(client) ?? { tag: 0, turn: 0 };
    const tag = Math.max(this.#virtualTime, last) + 1;
    this.#clients.set(client, { tag, turn });
    for (const [name, known] of this.#clients) {
      if (known.tag < this.#virtualTime) this.#clients.delete(name);
    }
    return tag;
  }

  /** Takes out who leaves before his turn; his other requests move up, and the next one costs no more. */
  #forget(place: Place): void {
    this.#waiting = this.#waiting.filter((other) => other !== place);
    const isLater = ({ client, tag }: Place) => client === place.client && tag > place.tag;
    for (const later of this.#waiting.filter(isLater)) later.tag -= 1;
    const client = this.#clients.get(place.client);
    if (client) client.tag -= 1;
  }

  #learn(runMs: number): void {
    this.#meanRunMs =
      this.#meanRunMs === null ? runMs : this.#meanRunMs + newest * (runMs - this.#meanRunMs);
  }

  #estimateMs(position: number): number | null {
    return this.#meanRunMs === null ? null : (this.#meanRunMs * position) / this.#slots;
  }

  #full(): ApplianceError {
    const waitMs = this.#estimateMs(this.#waiting.length) ?? 10_000;
    return new ApplianceError(
      'queue_full',
      `The NPU is busy and ${this.limit} requests wait already. Try again later.`,
      { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
    );
  }
}
