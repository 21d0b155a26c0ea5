/** More white space than this is let through, so that what is held back stays small. */
export const longestSpace = 4096;

/** Holds back white space until it is known whether text follows it. */
export class TrailingSpace {
  #held = '';

  /** What may go on: everything up to the last character that is not white space. */
  push(text: string): string {
    const all = this.#held + text;
    const body = all.trimEnd();
    if (all.length - body.length > longestSpace) {
      this.#held = '';
      return all;
    }
    this.#held = all.slice(body.length);
    return body;
  }

  /** What was held back; the caller shows it or lets it go. */
  take(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}
