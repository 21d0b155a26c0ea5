/** Notices a model that says the same over and over. */

export interface RepetitionOptions {
  /** How often the tail must repeat itself. */
  minRepeats?: number;
  /** Characters that the repetitions must cover: rulers, tables and zeros repeat too. */
  minSpan?: number;
  /** Characters of the longest repeated part that is looked for. */
  maxPeriod?: number;
}

/** Characters between two looks, so that a look's cost is shared by them. */
const stride = 64;

export class RepetitionWatch {
  readonly #minRepeats: number;
  readonly #minSpan: number;
  readonly #maxPeriod: number;
  #tail = '';
  #untilLook = stride;

  constructor({ minRepeats = 8, minSpan = 800, maxPeriod = 300 }: RepetitionOptions) {
    this.#minRepeats = minRepeats;
    this.#minSpan = minSpan;
    this.#maxPeriod = maxPeriod;
  }

  /** How many characters of `text` are before the loop was noticed; null: all, there is none. */
  push(text: string): number | null {
    let at = 0;
    while (text.length - at >= this.#untilLook) {
      this.#append(text.slice(at, at + this.#untilLook));
      at += this.#untilLook;
      this.#untilLook = stride;
      if (this.#loops()) return at;
    }
    this.#append(text.slice(at));
    this.#untilLook -= text.length - at;
    return null;
  }

  #append(text: string): void {
    this.#tail += text;
    const window = Math.max(this.#minSpan, this.#minRepeats * this.#maxPeriod);
    if (this.#tail.length > window + 1024) this.#tail = this.#tail.slice(-window);
  }

  /**
   * `border[i]`: length of the longest beginning of the reversed tail that is also an end of its
   * first i + 1 characters; those then repeat with the period i + 1 - border[i].
   */
  #loops(): boolean {
    const window = Math.max(this.#minSpan, this.#minRepeats * this.#maxPeriod);
    const { length } = this.#tail;
    const size = Math.min(window, length);
    if (size < this.#minSpan) return false;
    const border = new Uint32Array(size);
    const unit = (i: number) => this.#tail.charCodeAt(length - 1 - i);
    for (let i = 1, known = 0; i < size; i++) {
      while (known > 0 && unit(i) !== unit(known)) known = border[known - 1] ?? 0;
      if (unit(i) === unit(known)) known += 1;
      border[i] = known;
      const [span, period] = [i + 1, i + 1 - known];
      const longEnough = span >= this.#minSpan && span >= period * this.#minRepeats;
      if (longEnough && period <= this.#maxPeriod) return true;
    }
    return false;
  }
}
