/** Work on the models folder, one piece after the other, and the gathering of what is to be looked at again. */
export class WorkQueue {
  readonly #delayMs: number;
  readonly #look: (entries: readonly string[]) => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  readonly #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #last: Promise<void> = Promise.resolve();

  /** `look` gets what was touched, all of it together, `delayMs` after the first touch. */
  constructor(
    delayMs: number,
    look: (entries: readonly string[]) => Promise<void>,
    onFailure: (error: unknown) => void,
  ) {
    this.#delayMs = delayMs;
    this.#look = look;
    this.#onFailure = onFailure;
  }

  /** Does `work` after everything that was asked for before; throws what it throws. */
  run(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  touch(...entries: readonly string[]): void {
    for (const entry of entries) this.#touched.add(entry);
    this.#timer ??= setTimeout(() => void this.#lookAtTouched(), this.#delayMs);
  }

  /** Forgets what was touched and waits for the work in hand. */
  async drain(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#touched.clear();
    await this.#last;
  }

  async #lookAtTouched(): Promise<void> {
    this.#timer = null;
    const entries = [...this.#touched];
    this.#touched.clear();
    try {
      await this.run(() => this.#look(entries));
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
