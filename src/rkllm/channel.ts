/**
 * A queue between one producer that cannot wait and one consumer that can. Unbounded: what goes
 * through it is bounded by the token limit of a run.
 */
export class Channel<T> implements AsyncIterableIterator<T, undefined> {
  #items: T[] = [];
  #waiting:
    | { resolve: (result: IteratorResult<T, undefined>) => void; reject: (reason: unknown) => void }
    | undefined;
  #end: { error: unknown } | 'closed' | undefined;

  push(item: T): void {
    if (this.#end) return;
    if (this.#waiting) this.#release().resolve({ done: false, value: item });
    else this.#items.push(item);
  }

  /** Ends after what was pushed. */
  close(): void {
    if (this.#end) return;
    this.#end = 'closed';
    if (this.#waiting) this.#release().resolve({ done: true, value: undefined });
  }

  /** Throws `error` at the consumer after what was pushed. */
  fail(error: unknown): void {
    if (this.#end) return;
    this.#end = { error };
    if (this.#waiting) this.#release().reject(error);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#end === 'closed') return Promise.resolve({ done: true, value: undefined });
    if (this.#end) {
      const { error } = this.#end;
      this.#end = 'closed';
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    this.#items = [];
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #release() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) throw new Error('nobody waits on this channel');
    return waiting;
  }
}
