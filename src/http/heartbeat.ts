/** Calls `beat` whenever nothing was heard (`refresh`) for `silenceMs`, until stopped. */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;

  constructor(silenceMs: number, beat: () => void) {
    this.#timer = setInterval(beat, silenceMs);
  }

  refresh(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
