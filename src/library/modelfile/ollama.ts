import type { Assignment } from './dotenv.ts';

/** An instruction word; PARAMETER and MESSAGE carry one more word before the value. */
const instruction = /^[ \t]*([A-Za-z]+)[ \t]+/;
const word = /^([^\s]+)[ \t]*/;

/**
 * Reads Ollama's Modelfile syntax: `FROM x`, `PARAMETER key value`, `MESSAGE role text`, values in `"…"` or
 * over several lines in `"""…"""`, `#` at the beginning of a line for comments.
 */
export function parseOllama(source: string): Assignment[] {
  const found: Assignment[] = [];
  let rest = source.replace(/\r\n/g, '\n');
  while (rest !== '') {
    const command = /^[ \t]*#/.test(rest) ? null : instruction.exec(rest);
    if (command === null) {
      rest = afterLine(rest);
      continue;
    }
    rest = rest.slice(command[0].length);
    let key = (command[1] ?? '').toLowerCase();
    let role = '';
    const isParameter = key === 'parameter';
    if (isParameter || key === 'message') {
      const argument = word.exec(rest);
      rest = rest.slice(argument?.[0].length ?? 0);
      if (isParameter) key = (argument?.[1] ?? '').toLowerCase();
      else role = `${argument?.[1] ?? ''} `;
    }
    const { value, after } = readValue(rest);
    found.push({ key, value: role + value, ...(isParameter && { isParameter }) });
    rest = after;
  }
  return found;
}

/** A text in quotes that is never closed goes to the end. */
function readValue(rest: string): { value: string; after: string } {
  if (rest.startsWith('"""')) {
    const end = rest.indexOf('"""', 3);
    if (end < 0) return { value: rest.slice(3), after: '' };
    return { value: rest.slice(3, end), after: afterLine(rest.slice(end)) };
  }
  const end = rest.indexOf('\n');
  const line = (end < 0 ? rest : rest.slice(0, end)).trim();
  return { value: /^"([^"]*)"$/.exec(line)?.[1] ?? line, after: afterLine(rest) };
}

function afterLine(rest: string): string {
  const end = rest.indexOf('\n');
  return end < 0 ? '' : rest.slice(end + 1);
}
