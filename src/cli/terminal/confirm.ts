import type { Terminal } from './terminal.ts';

/** Asks on the terminal; everything but yes is no, the end of the input too. */
export async function confirm(out: Terminal, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(out, `${question} [y/N] `));
}

/** A line that somebody types; empty at the end of the input and after Ctrl-C. */
export async function ask(out: Terminal, question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { stdin, stderr } = out.streams;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await new Promise((resolve) => {
      lines.once('SIGINT', () => lines.close());
      lines.once('close', () => {
        stderr.write('\n');
        resolve('');
      });
      lines.question(question, (line) => {
        lines.removeAllListeners('close');
        resolve(line.trim());
      });
    });
  } finally {
    lines.close();
  }
}
