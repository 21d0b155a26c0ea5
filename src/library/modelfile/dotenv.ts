/** One line (or quoted block) of a Modelfile. */
export interface Assignment {
  readonly key: string;
  readonly value: string;
  /** It stands behind Ollama's PARAMETER. */
  readonly isParameter?: true;
}

const entry =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\r\n]*))[^\r\n]*/gm;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads `KEY=value` lines as python-dotenv does, which is what RKLLama's Modelfiles are written for: quoted
 * values may span lines, and a `#` begins a comment only after a space. (Node's `util.parseEnv` cuts at any
 * `#`, so that `SYSTEM=You know C#` would lose its end.) `${NAME}` is left as it is: nothing comes from the
 * environment. Lines of another form are skipped.
 */
export function parseDotenv(source: string): Assignment[] {
  return Array.from(source.matchAll(entry), ([, key = '', double, single, bare = '']) => {
    if (double !== undefined) return { key, value: withoutEscapes(double, /\\(.)/gs) };
    if (single !== undefined) return { key, value: withoutEscapes(single, /\\(['\\])/g) };
    return { key, value: bare.replace(/(^|\s)#.*$/, '').trim() };
  });
}

function withoutEscapes(text: string, pattern: RegExp): string {
  return text.replace(pattern, (_whole, char: string) => escapes[char] ?? char);
}
