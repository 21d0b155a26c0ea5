/** Rate over the last seconds, and when it is time to tell of progress again. */
export class ProgressMeter {
  readonly #sizeBytes: number;
  readonly #intervalMs: number;
  /** Oldest first; at most one a quarter second, so about twenty. */
  #samples: { atMs: number; bytes: number }[];
  #toldAtMs: number;
  #toldPercent: number;

  constructor(sizeBytes: number, receivedBytes: number, intervalMs: number, nowMs: number) {
    this.#sizeBytes = sizeBytes;
    this.#intervalMs = intervalMs;
    this.#samples = [{ atMs: nowMs, bytes: receivedBytes }];
    this.#toldAtMs = nowMs;
    this.#toldPercent = this.#percent(receivedBytes);
  }

  /** Whether `receivedBytes` is worth an event: a whole percent more, or the interval has passed. */
  isDue(receivedBytes: number, nowMs: number): boolean {
    const percent = this.#percent(receivedBytes);
    if (percent === this.#toldPercent && nowMs - this.#toldAtMs < this.#intervalMs) return false;
    this.#toldPercent = percent;
    this.#toldAtMs = nowMs;
    return true;
  }

  rate(
    receivedBytes: number,
    nowMs: number,
  ): { bytesPerSecond: number; secondsLeft: number | null } {
    const last = this.#samples.at(-1);
    if (!last || nowMs - last.atMs >= sampleMs) {
      this.#samples.push({ atMs: nowMs, bytes: receivedBytes });
      const isOld = (sample: { atMs: number }) => nowMs - sample.atMs > windowMs;
      while (this.#samples.length > 2 && this.#samples[1] && isOld(this.#samples[1])) {
        this.#samples.shift();
      }
    }
    const first = this.#samples[0] ?? { atMs: nowMs, bytes: receivedBytes };
    const elapsedMs = nowMs - first.atMs;
    // A restart from zero makes the difference negative for a moment.
    const gained = Math.max(0, receivedBytes - first.bytes);
    const bytesPerSecond = elapsedMs > 0 ? Math.round((gained * 1000) / elapsedMs) : 0;
    const left = this.#sizeBytes - receivedBytes;
    return {
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? Math.ceil(left / bytesPerSecond) : null,
    };
  }

  #percent(bytes: number): number {
    return this.#sizeBytes === 0 ? 100 : Math.floor((bytes * 100) / this.#sizeBytes);
  }
}

const windowMs = 5_000;
const sampleMs = 250;
