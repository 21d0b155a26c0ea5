import { stripVTControlCharacters } from 'node:util';

const marks = /^[\p{Mark}\p{Cc}\p{Cf}]+$/u;
const emoji = /\p{Emoji_Presentation}|\uFE0F/u;
/** East Asian wide and full-width blocks (Unicode 16, EastAsianWidth.txt, in broad strokes). */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;
const ascii = /^[\x20-\x7E]*$/;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (ascii.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes().segment(plain)) width += graphemeWidth(segment);
  return width;
}

/** Cuts plain text to `columns`, with an ellipsis, and never inside a character. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [kept, width] = ['', 0];
  for (const { segment } of graphemes().segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept}…` : '';
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** Text of others (a hub's names, a log) without what would steer the terminal. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll(
    /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu,
    '\uFFFD',
  );
}

let segmenter: Intl.Segmenter | undefined;

/** Made when a text needs it: that takes longer than all of most commands. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter;
}

function graphemeWidth(segment: string): number {
  if (marks.test(segment)) return 0;
  return emoji.test(segment) || wide.test(segment) ? 2 : 1;
}
