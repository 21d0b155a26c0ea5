/** Which tokens a board has never seen before. */

export class Ledger {
  readonly #seen: Int32Array[] = [];
  #unseen = 0;

  /** Tokens of prompts that no earlier prompt, or prompt with its answer, begins with. */
  get unseen(): number {
    return this.#unseen;
  }

  add(prompt: Int32Array, answer: Int32Array): void {
    const known = Math.max(0, ...this.#seen.map((earlier) => common(earlier, prompt)));
    this.#unseen += prompt.length - known;
    this.#seen.push(Int32Array.of(...prompt, ...answer));
  }
}

function common(left: Int32Array, right: Int32Array): number {
  const most = Math.min(left.length, right.length);
  let same = 0;
  while (same < most && left[same] === right[same]) same += 1;
  return same;
}
