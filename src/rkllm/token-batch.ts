/**
 * Gathers tokens into messages. A token that comes alone is sent at once, so that a slow runtime
 * gains no delay; tokens that come faster than `windowMs` share a message, so that a fast one costs
 * little.
 */
export class TokenBatch {
  readonly #send: (texts: string[], ids: number[]) => void;
  readonly #windowMs: number;
  #texts: string[] = [];
  #ids: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (texts: string[], ids: number[]) => void, windowMs = 2) {
    this.#send = send;
    this.#windowMs = windowMs;
  }

  add(text: string, id: number): void {
    this.#texts.push(text);
    this.#ids.push(id);
    if (this.#timer === undefined) this.#flushAndWait();
  }

  /** Sends what is gathered and stops the clock. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #flushAndWait(): void {
    this.#flush();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#texts.length > 0) this.#flushAndWait();
    }, this.#windowMs);
  }

  #flush(): void {
    if (this.#texts.length === 0) return;
    this.#send(this.#texts, this.#ids);
    this.#texts = [];
    this.#ids = [];
  }
}
