/**
 * The line of each key in a TOML text: the parser does not tell. Knows as much of TOML as finding
 * keys takes; the text has been parsed without an error before.
 */
export function keyLines(toml: string): Map<string, number> {
  const lines = new Map<string, number>();
  let table: string[] = [];
  let rest: Remainder = { quote: null, depth: 0 };
  for (const [index, line] of toml.split('\n').entries()) {
    const isInsideValue = rest.quote !== null || rest.depth > 0;
    if (isInsideValue) {
      rest = scan(line, rest);
      continue;
    }
    const header = /^\s*\[{1,2}([^\]]+)\]/.exec(line)?.[1];
    const key = header === undefined ? keyPattern.exec(line) : null;
    if (header !== undefined) table = partsOf(header);
    const parts = key ? [...table, ...partsOf(key[0])] : table;
    // A table counts from its first mention, `a` of `a.b = 1` too.
    for (let length = 1; length <= parts.length; length++) {
      const name = parts.slice(0, length).join('.');
      if (!lines.has(name)) lines.set(name, index + 1);
    }
    if (key) rest = scan(line.slice(line.indexOf('=', key[0].length) + 1), rest);
  }
  return lines;
}

const part = String.raw`(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const keyPattern = new RegExp(String.raw`^\s*${part}(?:\s*\.\s*${part})*(?=\s*=)`);

function partsOf(key: string): string[] {
  return [...key.matchAll(new RegExp(part, 'g'))].map(([each]) => each.replace(/^["']|["']$/g, ''));
}

/** What is still open at the end of a line. */
interface Remainder {
  quote: '"""' | "'''" | null;
  depth: number;
}

const tokens = /"""|'''|"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[[\]{}#]/g;

function scan(line: string, before: Remainder): Remainder {
  let { quote, depth } = before;
  for (const [token] of line.matchAll(tokens)) {
    if (quote !== null) {
      if (token === quote) quote = null;
    } else if (token === '"""' || token === "'''") {
      quote = token;
    } else if (token === '#') {
      break;
    } else if (token === '[' || token === '{') {
      depth += 1;
    } else if (token === ']' || token === '}') {
      depth -= 1;
    }
  }
  return { quote, depth };
}
