import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board, simulator } from '../e2e/board.ts';

/** What docs/CLIENTS.md tells users to type does what it says. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const page = readFileSync(join(root, 'docs/CLIENTS.md'), 'utf8');

/** Fenced programs of the page, with the heading they stand under. */
const programs = page.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n', 1);
  return [...section.matchAll(/^```(sh|js)\n(.*?)^```$/gms)].map(
    ([, language = '', text = ''], index) => ({ name: `${heading} ${index + 1}`, language, text }),
  );
});

let board: Board;
beforeAll(async () => {
  const library = await simulator('1.3.1');
  board = await Board.start({ library, models: { 'demo.rkllm': { text: 'I can answer you.' } } });
});
afterAll(() => board.stop());

describe('docs/CLIENTS.md', () => {
  it('has programs to try', () => {
    expect(programs.filter(({ language }) => language === 'sh')).toHaveLength(2);
    expect(programs.filter(({ language }) => language === 'js').length).toBeGreaterThan(3);
  });

  it.each(programs)('$name works as it stands there', async ({ language, text }) => {
    const here = text.replaceAll('http://localhost:8080', board.url);
    const output = language === 'sh' ? await shell(here) : await script(here);
    expect(output).toMatch(/\w/);
    expect(output).not.toMatch(/"error"/);
  });
});

async function shell(text: string): Promise<string> {
  const { stdout } = await run('bash', [
    '-ec',
    text.replaceAll('curl ', 'curl -sS --fail-with-body '),
  ]);
  return stdout;
}

/** Beside node_modules, where the packages are found. */
async function script(text: string): Promise<string> {
  const place = await mkdtemp(join(root, 'node_modules/.rkllamad-docs-'));
  try {
    const file = join(place, 'program.mjs');
    await writeFile(file, text);
    const { stdout } = await run(process.execPath, [file]);
    return stdout;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
