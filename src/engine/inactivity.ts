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

/** Calls `onSilence` when nothing was heard for too long; listens from the beginning. */
export class SilenceWatch {
  readonly #decodeMs: number;
  readonly #onSilence: (seconds: number) => void;
  #limitMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    limits: SilenceLimits,
    promptCharacters: number,
    onSilence: (seconds: number) => void,
  ) {
    this.#decodeMs = limits.decodeMs;
    this.#onSilence = onSilence;
    this.#limitMs = limits.prefillMs + limits.prefillMsPerCharacter * promptCharacters;
    this.listen();
  }

  /** Something came. The clock stands still until `listen`: whoever works on it is not silent. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#limitMs = this.#decodeMs;
  }

  listen(): void {
    const limitMs = this.#limitMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onSilence(Math.round(limitMs / 1000)), limitMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
