import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { bare } from './rkllama.ts';

const columns = 90;
/** Far longer than anything takes, and shorter than a test may. */
const patienceMs = 20_000;

/** A program on a terminal, by `script` of util-linux, which is part of every Debian. */
export class PseudoTerminal {
  readonly #script: ChildProcessWithoutNullStreams;
  #raw = '';

  constructor(commandLine: string, environment: NodeJS.ProcessEnv) {
    // The exit code is told in words: `script -e` tells 0 for a program that a signal ended.
    // Ctrl-C is for the program, and not for the shell around it.
    const inside = `trap : INT; stty cols ${columns} rows 30; ${commandLine}; echo "exit code $?."`;
    this.#script = spawn('script', ['-qec', inside, '/dev/null'], {
      env: bare({ TERM: 'xterm', SHELL: '/bin/sh', ...environment }),
    });
    this.#script.stdout.setEncoding('utf8').on('data', (text) => {
      this.#raw += text;
    });
    this.#script.stdin.on('error', () => {});
  }

  /** Everything that was written, without what moves, colours and rings. */
  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll(/\r+\n/g, '\n').replaceAll('\u0007', '');
  }

  /** Everything that was written. */
  get raw(): string {
    return this.#raw;
  }

  type(text: string): void {
    this.#script.stdin.write(text);
  }

  /** Forgets what was written, so that `shows` waits for what comes. */
  forget(): void {
    this.#raw = '';
  }

  /** Waits until the text is there. */
  async shows(expected: string | RegExp): Promise<void> {
    const isThere = () =>
      typeof expected === 'string' ? this.text.includes(expected) : expected.test(this.text);
    const endsAt = performance.now() + patienceMs;
    while (!isThere()) {
      if (this.#script.exitCode !== null || performance.now() > endsAt) {
        throw new Error(`"${expected}" did not come:\n${JSON.stringify(this.text.slice(-1000))}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for the end; the exit code of the program. */
  async exitCode(): Promise<number> {
    await this.shows(/exit code \d+\./);
    if (this.#script.exitCode === null) await once(this.#script, 'close');
    return Number(/exit code (\d+)\./.exec(this.text)?.[1]);
  }

  /** Ends what still runs. */
  close(): void {
    this.#script.kill('SIGHUP');
  }
}

export const keys = {
  interrupt: '\u0003',
  end: '\u0004',
  suspend: '\u001A',
  enter: '\r',
  up: '\u001B[A',
};
