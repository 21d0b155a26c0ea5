const newline = 1_000;

/** JSON whitespace in a row: at most one line break and 64 blanks, so that it cannot go on for ever. */
export type Blanks = number;

export const noBlanks: Blanks = 0;

/** `blanks` and one more; null: `codePoint` is no whitespace, or one too many. */
export function moreBlanks(blanks: Blanks, codePoint: number): Blanks | null {
  if (codePoint === 0x0a) return blanks < newline ? blanks + newline : null;
  if (codePoint !== 0x20 && codePoint !== 0x09 && codePoint !== 0x0d) return null;
  return blanks % newline < 64 ? blanks + 1 : null;
}
