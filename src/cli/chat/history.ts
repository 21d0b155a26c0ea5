import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const mostLines = 1000;

/** What was typed in chats, for the arrow keys. Only its owner can read it. */
export class InputHistory {
  readonly #path: string | undefined;

  /** @param path left out: nothing is kept */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** The last lines, newest first. A history that cannot be read is an empty one. */
  load(): string[] {
    if (this.#path === undefined) return [];
    try {
      const lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
      if (lines.length > 2 * mostLines) this.#rewrite(lines.slice(-mostLines));
      return lines.slice(-mostLines).reverse();
    } catch {
      return [];
    }
  }

  /** Keeps a line; a disk that is full or read-only must not end a chat. */
  add(line: string): void {
    if (this.#path === undefined || line.trim() === '') return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {}
  }

  #rewrite(lines: readonly string[]): void {
    if (this.#path !== undefined)
      writeFileSync(this.#path, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
}

/** `~/.local/state/rkllama/history`, or where XDG_STATE_HOME says. */
export function historyPath(environment: NodeJS.ProcessEnv): string {
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'rkllama', 'history');
}
