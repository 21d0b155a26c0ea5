/** Values that stand without quotes. */

const constants = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['null', null],
  ['None', null],
  ['undefined', null],
]);

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A constant, a number that JavaScript holds without loss, or the text itself. */
export function wordValue(word: string): string | number | boolean | null {
  const constant = constants.get(word);
  if (constant !== undefined) return constant;
  return numberOf(word) ?? word;
}

/** Null where the text is no number, or one that would lose digits. */
export function numberOf(text: string): number | null {
  if (!number.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : value;
}

const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['/', '/'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
]);

/** The text of a string's body; a backslash that begins no escape stays, as in `\d+`. */
export function unescaped(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (all, code, letter) =>
    code === undefined
      ? (escapes.get(letter) ?? all)
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
