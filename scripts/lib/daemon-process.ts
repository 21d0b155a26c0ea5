import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { daemonCommand, daemonEnvironment } from './daemon-command.ts';

const levelNames: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** The built daemon as a child process, its log lines written for people. */
export class DaemonProcess {
  /** Resolves with the URL once requests are answered; rejects when the daemon ends before. */
  readonly ready: Promise<string>;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;

  constructor(env: NodeJS.ProcessEnv, log: Writable) {
    const ready = Promise.withResolvers<string>();
    const child = spawn(process.execPath, daemonCommand, {
      env: { ...daemonEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.ready = ready.promise;
    this.exited = new Promise((resolve) => {
      child.once('close', (code) => {
        ready.reject(new Error('The daemon ended before it was ready.'));
        resolve(code ?? 1);
      });
    });
    child.on('message', (url) => ready.resolve(String(url)));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) =>
        log.write(`${humanLine(line)}\n`),
      );
    }
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}

/** `12:00:00 info ready` from a line of the daemon's JSON log. */
function humanLine(line: string): string {
  try {
    const { time, level, msg, ...rest } = JSON.parse(line);
    const clock = new Date(time).toTimeString().slice(0, 8);
    const fields = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    return `${clock} ${levelNames[level] ?? level} ${msg}${fields}`;
  } catch {
    return line;
  }
}
