/** Each about one token in every common vocabulary. */
const words =
  'river stone light garden winter paper music window bread cloud market silver letter summer field engine harbor yellow morning travel'.split(
    ' ',
  );

/** How many words there are before one comes again. */
export const wordsPerRound = words.length;

/**
 * A prompt of `count` words that nobody has asked before: nothing of it is in a cache. Every word
 * comes equally often, so prompts of one length have about the same number of tokens.
 */
export function freshPrompt(count: number): string {
  const rounds = Array.from({ length: Math.ceil(count / wordsPerRound) }, () => shuffled(words));
  return `${rounds.flat().slice(0, count).join(' ')}\n\nTell a long story with these words.`;
}

function shuffled(list: readonly string[]): string[] {
  const keys = crypto.getRandomValues(new Uint32Array(list.length));
  const order = list.map((_, index) => index).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  return order.flatMap((index) => list[index] ?? []);
}
