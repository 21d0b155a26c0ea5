/** Each about one token in every common vocabulary. */
const words =
  'river stone light garden winter paper music window bread cloud market silver letter summer field engine harbor yellow morning travel'.split(
    ' ',
  );

/** A prompt of `count` words that nobody has asked before: nothing of it is in a cache. */
export function freshPrompt(count: number): string {
  const chosen = Array.from(crypto.getRandomValues(new Uint32Array(count)), (random) => {
    return words[random % words.length];
  });
  return `${chosen.join(' ')}\n\nTell a long story with these words.`;
}
