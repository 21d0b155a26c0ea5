/** How many tokens a text may have, for models whose tokenizer is not there. */

/** What one character costs at most in common vocabularies; see the test for how far it is off. */
const pattern =
  /(?<word>[A-Za-z]+)|(?<digit>\d)|(?<space>\s+)|(?<sign>[!-/:-@[-`{-~])|(?<latin>[\u00C0-\u024F])|(?<script>[\u0370-\u1FFF])|(?<other>.)/gsu;

/**
 * Tokens in `text`, rather too many than too few: short words are one token, long or mixed-case
 * runs of letters fall apart, every digit and every sign counts.
 */
function roughTokens(text: string): number {
  let tokens = 0;
  for (const { groups = {}, 0: piece } of text.matchAll(pattern)) {
    if (groups['word'] !== undefined) tokens += wordTokens(piece);
    else if (groups['digit'] !== undefined) tokens += 1;
    else if (groups['space'] !== undefined) tokens += piece === ' ' ? 0.1 : 0.6 + piece.length / 16;
    else if (groups['sign'] !== undefined) tokens += 0.9;
    else if (groups['latin'] !== undefined) tokens += 1.2;
    else if (groups['script'] !== undefined) tokens += 1.1;
    else tokens += piece.length > 1 ? 3 : 1.3;
  }
  return Math.ceil(tokens);
}

function wordTokens(word: string): number {
  const perToken = /^[A-Z]{2}/.test(word) ? 3 : 4;
  const changes = word.match(/[a-z][A-Z]|[A-Z][A-Z][a-z]/g)?.length ?? 0;
  // No language has words of this length: a key, a hash, or nothing that a vocabulary knows.
  const beyond = Math.max(0, word.length - 24) / 4;
  return Math.max(1, word.length / perToken) + changes * 0.9 + beyond;
}

/** Learns from the runtime's counters how far the rough number is off for one model and its texts. */
export class TokenEstimate {
  /** Real tokens per rough one, of the last runs. */
  readonly #ratios: number[] = [];
  static readonly #remembered = 16;
  /** Shorter texts tell more about the template around them than about the vocabulary. */
  static readonly #shortest = 50;
  /** Before anything is known: vocabularies differ by this much. */
  static readonly #unlearned = 1.25;

  learn(text: string, tokens: number): void {
    const rough = roughTokens(text);
    if (rough < TokenEstimate.#shortest || !(tokens > 0)) return;
    this.#ratios.push(tokens / rough);
    if (this.#ratios.length > TokenEstimate.#remembered) this.#ratios.shift();
  }

  /** Never less than what the runtime will count, as far as can be known: the worst ratio seen, and a tenth. */
  atMost(text: string): number {
    const worst =
      this.#ratios.length > 0 ? Math.max(...this.#ratios) * 1.1 : TokenEstimate.#unlearned;
    return Math.ceil(roughTokens(text) * worst) + 8;
  }
}
