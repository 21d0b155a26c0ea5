import type { Key } from 'node:readline';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Terminal } from '../terminal/terminal.ts';

export interface EditorOptions {
  history: string[];
  /** What Tab completes. */
  words: readonly string[];
  /** A terminal that understands no sequences (`TERM=dumb`) and cannot tell what is pasted. */
  isDumb: boolean;
}

/** One line of input; `goesOn`: more of the same paste follows. */
export type Input =
  | { type: 'line'; text: string; goesOn: boolean }
  | { type: 'interrupt' }
  | { type: 'end' };

const pasteOn = '\u001B[?2004h';
const pasteOff = '\u001B[?2004l';

/**
 * Lines from the terminal, one for each `read`. What is typed while nobody reads is kept and not
 * shown, so that it does not mix with an answer; Ctrl-C goes to `onInterrupt` then.
 */
export class LineEditor {
  readonly #out: Terminal;
  readonly #lines: Interface;
  readonly #waiting: Input[] = [];
  readonly #screen: Screen;
  readonly #isDumb: boolean;
  #reader: ((input: Input) => void) | undefined;
  #isPasting = false;
  #hasEnded = false;
  /** Called on Ctrl-C while nobody reads. */
  onInterrupt: (() => void) | undefined;

  constructor(out: Terminal, { history, words, isDumb }: EditorOptions) {
    this.#out = out;
    this.#isDumb = isDumb;
    this.#screen = new Screen(out.streams.stdout);
    const { stdin } = out.streams;
    this.#lines = createInterface({
      input: stdin,
      output: this.#screen,
      terminal: true,
      history,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string) => [words.filter((word) => word.startsWith(line)), line],
    });
    // Before readline's own listener, which makes lines of the same keys.
    stdin.prependListener('keypress', this.#onKey);
    this.#lines.on('line', (text) => this.#give({ type: 'line', text, goesOn: this.#isPasting }));
    this.#lines.on('SIGINT', () => this.#interrupt());
    this.#lines.on('SIGCONT', () => this.#goOn());
    this.#lines.on('close', () => {
      this.#hasEnded = true;
      this.#give({ type: 'end' });
    });
    this.#tellPastes(pasteOn);
  }

  /** The next line, Ctrl-C, or the end of the input. */
  read(prompt: string): Promise<Input> {
    const ready = this.#waiting.shift();
    if (ready) {
      // It was typed ahead, and not shown then.
      if (ready.type === 'line') this.#out.write(`${prompt}${ready.text}\n`);
      return Promise.resolve(ready);
    }
    if (this.#hasEnded) return Promise.resolve({ type: 'end' });
    this.#screen.isShown = true;
    this.#lines.setPrompt(prompt);
    this.#lines.prompt(true);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  close(): void {
    this.#out.streams.stdin.off('keypress', this.#onKey);
    this.#lines.close();
    this.#tellPastes(pasteOff);
  }

  readonly #onKey = (_text: string | undefined, key: Key): void => {
    if (key.name === 'paste-start') this.#isPasting = true;
    if (key.name === 'paste-end') this.#isPasting = false;
  };

  #give(input: Input): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader) {
      this.#screen.isShown = false;
      reader(input);
    } else this.#waiting.push(input);
  }

  /** After Ctrl-Z and `fg`: readline waits to be resumed, and the shell had the terminal. */
  #goOn(): void {
    this.#tellPastes(pasteOn);
    this.#lines.resume();
  }

  #tellPastes(sequence: string): void {
    if (!this.#isDumb) this.#out.write(sequence);
  }

  #interrupt(): void {
    if (!this.#reader) {
      this.onInterrupt?.();
      return;
    }
    // The first Ctrl-C takes back what was typed, as in a shell.
    const hadText = this.#lines.line !== '';
    this.#screen.write('^C\n');
    if (hadText) {
      this.#lines.write(null, { ctrl: true, name: 'e' });
      this.#lines.write(null, { ctrl: true, name: 'u' });
      this.#lines.prompt();
    } else this.#give({ type: 'interrupt' });
  }
}

/** The terminal for readline, which draws only while somebody reads. */
class Screen extends Writable {
  readonly #terminal: NodeJS.WriteStream;
  readonly isTTY = true;
  isShown = false;

  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    terminal.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    if (this.isShown) this.#terminal.write(chunk);
    done();
  }
}
