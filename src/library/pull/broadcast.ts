import type { PullEvent } from './events.ts';

type Ending = { error: unknown } | { error: null };

interface Listener {
  queue: PullEvent[];
  wake: () => void;
}

/** One stream of events for any number of listeners, who may come late and leave early. */
export class Broadcast {
  readonly #listeners = new Set<Listener>();
  #start: PullEvent | null = null;
  #latest: PullEvent | null = null;
  #ending: Ending | null = null;

  publish(event: PullEvent): void {
    if (event.type === 'start') this.#start = event;
    this.#latest = event;
    for (const listener of this.#listeners) {
      // A slow listener keeps one progress event, the newest: its queue does not grow.
      if (event.type === 'progress' && listener.queue.at(-1)?.type === 'progress') {
        listener.queue.pop();
      }
      listener.queue.push(event);
      listener.wake();
    }
  }

  /** No event comes any more; with an error, every listener gets it thrown. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    for (const listener of this.#listeners) listener.wake();
  }

  /** Events from the beginning as far as they still matter: the start and the newest. */
  async *listen(signal?: AbortSignal): AsyncGenerator<PullEvent, void, undefined> {
    const listener: Listener = { queue: [], wake: () => undefined };
    if (this.#start) listener.queue.push(this.#start);
    if (this.#latest && this.#latest !== this.#start) listener.queue.push(this.#latest);
    this.#listeners.add(listener);
    const onAbort = () => listener.wake();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        signal?.throwIfAborted();
        const event = listener.queue.shift();
        if (event) {
          yield event;
          continue;
        }
        if (this.#ending) {
          if (this.#ending.error !== null) throw this.#ending.error;
          return;
        }
        await new Promise<void>((resolve) => {
          listener.wake = resolve;
        });
      }
    } finally {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
