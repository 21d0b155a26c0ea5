import type { AnswerPiece } from '../prompt/index.ts';

/**
 * What has been written of an answer: by the model in tokens whose ids are known, and by the engine.
 * Runs go on from it, and each takes what is new since the one before.
 */
export class Draft {
  #pieces: AnswerPiece[] = [];
  /** Ids of tokens whose characters are not whole yet. */
  #begun: number[] = [];
  /** What runs have taken already. */
  #taken = '';
  #new = '';

  get text(): string {
    return this.#taken + this.#new;
  }

  /** A token of the model; `text` is empty while a character is not whole. */
  generated(id: number, text: string): void {
    this.#begun.push(id);
    if (text === '') return;
    this.#pieces.push({ text, ids: this.#begun });
    this.#begun = [];
    this.#new += text;
  }

  /** Text of the engine. */
  write(text: string): void {
    if (text === '') return;
    this.#begun = [];
    this.#pieces.push({ text });
    this.#new += text;
  }

  /** Takes the last `length` characters back; no more than are new. */
  takeBack(length: number): void {
    this.#begun = [];
    this.#new = this.#new.slice(0, this.#new.length - length);
    for (let rest = length; rest > 0; ) {
      const last = this.#pieces.pop();
      if (!last) return;
      const kept = last.text.slice(0, Math.max(0, last.text.length - rest));
      // The rest of a token is no token.
      if (kept !== '') this.#pieces.push({ text: kept });
      rest -= last.text.length - kept.length;
    }
  }

  /** What is new since the last time. */
  take(): AnswerPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#begun = [];
    this.#taken += this.#new;
    this.#new = '';
    return pieces;
  }
}
