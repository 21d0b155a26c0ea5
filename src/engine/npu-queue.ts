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
  start(): void;
}

/** Weight of the newest run in the average. */
const newest = 0.2;

export class NpuQueue {
  readonly #limit: number;
  readonly #slots: number;
  /** In order of arrival. */
  #waiting: Place[] = [];
  readonly #running = new Set<Place>();
  readonly #lastTags = new Map<string, number>();
  /** Turns so far, and the number of each client's last one. */
  #turns = 0;
  readonly #lastTurns = new Map<string, number>();
  #virtualTime = 0;
  #meanRunMs: number | null = null;

  /** `limit`: most requests that wait. `slots`: most that run at once, with different models. */
  constructor(limit: number, slots = 1) {
    this.#limit = limit;
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
  join({ model, client = '', signal }: Entrant): Ticket {
    if (this.#waiting.length >= this.#limit && !this.#canRun(model)) throw this.#full();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever leaves before the turn came may never look at it.
    promise.catch(() => {});
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== place);
      reject(signal.reason);
    };
    const place: Place = {
      model,
      client,
      joinedAt: performance.now(),
      startedAt: 0,
      tag: this.#tagFor(client),
      start: () => {
        signal.removeEventListener('abort', leave);
        resolve();
      },
    };
    if (signal.aborted) {
      reject(signal.reason);
    } else {
      signal.addEventListener('abort', leave, { once: true });
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

  #startNext(): void {
    for (const place of this.#inOrder()) {
      if (!this.#canRun(place.model)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== place);
      this.#running.add(place);
      this.#virtualTime = Math.max(this.#virtualTime, place.tag);
      this.#turns += 1;
      this.#lastTurns.set(place.client, this.#turns);
      place.startedAt = performance.now();
      place.start();
    }
  }

  #canRun(model: string): boolean {
    if (this.#running.size >= this.#slots) return false;
    return ![...this.#running].some((place) => place.model === model);
  }

  #inOrder(): Place[] {
    const lastTurn = ({ client }: Place) => this.#lastTurns.get(client) ?? 0;
    return this.#waiting.toSorted((a, b) => a.tag - b.tag || lastTurn(a) - lastTurn(b));
  }

  #tagFor(client: string): number {
    const tag = Math.max(this.#virtualTime, this.#lastTags.get(client) ?? 0) + 1;
    this.#lastTags.set(client, tag);
    for (const [name, last] of this.#lastTags) {
      if (last >= this.#virtualTime) continue;
      this.#lastTags.delete(name);
      this.#lastTurns.delete(name);
    }
    return tag;
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
      `The NPU is busy and ${this.#limit} requests wait already. Try again later.`,
      { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
    );
  }
}
