/**
 * A limit on silence. Prefill may take minutes (226 s for 8192 tokens, rkllama issue 169), so the
 * limit before the first token grows with the prompt; there is none on the whole answer.
 */
export interface SilenceLimits {
  /** Milliseconds before the first token, for an empty prompt. */
  prefillMs: number;
  /** Milliseconds more for every character of the prompt. */
  prefillMsPerCharacter: number;
  /** Milliseconds between tokens. */
  decodeMs: number;
}

export const defaultSilenceLimits: SilenceLimits = {
  prefillMs: 120_000,
  prefillMsPerCharacter: 30,
  decodeMs: 60_000,
};

/** Calls `onSilence` once when nothing was heard for too long. */
export class SilenceWatch {
  readonly #decodeMs: number;
  readonly #onSilence: (seconds: number) => void;
  #timer: NodeJS.Timeout;
  #heardToken = false;

  constructor(
    limits: SilenceLimits,
    promptCharacters: number,
    onSilence: (seconds: number) => void,
  ) {
    this.#decodeMs = limits.decodeMs;
    this.#onSilence = onSilence;
    this.#timer = this.#start(limits.prefillMs + limits.prefillMsPerCharacter * promptCharacters);
  }

  heard(): void {
    if (this.#heardToken) {
      this.#timer.refresh();
      return;
    }
    this.#heardToken = true;
    clearTimeout(this.#timer);
    this.#timer = this.#start(this.#decodeMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#onSilence(Math.round(ms / 1000)), ms);
  }
}
