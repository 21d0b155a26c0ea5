/**
 * Starts the daemon with its test models, runs the Python clients and the Python programs of
 * docs/CLIENTS.md: `run.ts PYTHON...`, where PYTHON is the command that starts Python.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { qwen, startBoard } from '../ollama-board.ts';

const [command = 'python3', ...given] = process.argv.slice(2);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const page = read('../../../docs/CLIENTS.md');
const documented = [...page.matchAll(/^```python\n(.*?)^```$/gms)].map(([, text = '']) => text);

const running = await startBoard();
try {
  const { url } = running.board;
  for (const text of documented) {
    const program = text.replaceAll('http://localhost:8080', url).replaceAll('"demo"', `"${qwen}"`);
    python(['-c', program]);
  }
  python(['-c', read('clients.py'), url]);
} finally {
  await running.stop();
}

function python(program: readonly string[]): void {
  const { status } = spawnSync(command, [...given, ...program], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
