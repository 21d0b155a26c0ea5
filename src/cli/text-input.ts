import { readFile } from 'node:fs/promises';
import { CliError } from './failure.ts';
import type { Terminal } from './terminal/terminal.ts';

const slowMs = 2000;

/** A text file that somebody named; `-` is stdin. @param hint what to do where there is none */
export async function readTextFile(
  path: string,
  stdin: NodeJS.ReadStream,
  hint?: string,
): Promise<string> {
  if (path === '-') return readAll(stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/^ENOENT/.test(reason)) throw new CliError('not_found', `There is no file ${path}.`, hint);
    throw new CliError('failure', `${path} cannot be read: ${reason}`);
  }
}

/** Everything that is piped in; nothing where somebody sits at a terminal. */
export async function pipedText(out: Terminal): Promise<string> {
  const { stdin } = out.streams;
  if (stdin.isTTY) return '';
  // `ssh board rkllama run …` has a stdin that ends when somebody ends it.
  const timer = setTimeout(
    () => out.note('Reading stdin until it ends; </dev/null has none.'),
    slowMs,
  );
  try {
    return await readAll(stdin, () => clearTimeout(timer));
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(stdin: NodeJS.ReadStream, onText = () => {}): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  for await (const chunk of stdin) {
    onText();
    text += String(chunk);
  }
  return text;
}
