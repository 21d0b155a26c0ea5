/** Sequences of token ids. */

export type Tokens = Int32Array<ArrayBuffer>;

/** Tokens that two sequences have in common from their beginning on. */
export function commonLength(left: Tokens, right: Tokens): number {
  const most = Math.min(left.length, right.length);
  let same = 0;
  while (same < most && left[same] === right[same]) same++;
  return same;
}

/** Order of sequences: by their first difference, a beginning before what goes on from it. */
export function compareTokens(left: Tokens, right: Tokens): number {
  const same = commonLength(left, right);
  return (left[same] ?? Number.NEGATIVE_INFINITY) - (right[same] ?? Number.NEGATIVE_INFINITY) || 0;
}
