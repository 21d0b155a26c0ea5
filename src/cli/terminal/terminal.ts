import { Styler } from './style.ts';
import { type Column, tableLines } from './table.ts';
import { harmless } from './width.ts';
import { wrap } from './wrap.ts';

export interface Streams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

const defaultColumns = 80;

/** Where a command's words go: answers to stdout, everything about them to stderr. */
export class Terminal {
  readonly streams: Streams;
  /** Colours for stdout. */
  readonly style: Styler;
  /** Colours for stderr. */
  readonly noteStyle: Styler;
  #isJson = false;

  constructor(streams: Streams, environment: NodeJS.ProcessEnv) {
    this.streams = streams;
    this.style = new Styler(streams.stdout, environment);
    this.noteStyle = new Styler(streams.stderr, environment);
  }

  /** `--json`: programs read what is printed. */
  get isJson(): boolean {
    return this.#isJson;
  }

  useJson(): void {
    this.#isJson = true;
  }

  /** A person can be asked. */
  get isInteractive(): boolean {
    return this.streams.stdin.isTTY && this.streams.stderr.isTTY && !this.#isJson;
  }

  /** Something may be drawn and drawn again on stderr. */
  get canRedraw(): boolean {
    return this.noteStyle.isOn && !this.#isJson;
  }

  /** Columns of stdout; without bound where it is no terminal, so that nothing is cut for a file. */
  get columns(): number {
    const { stdout } = this.streams;
    return stdout.isTTY ? stdout.columns || defaultColumns : Number.POSITIVE_INFINITY;
  }

  /** A line of the answer. */
  print(line = ''): void {
    this.streams.stdout.write(`${line}\n`);
  }

  /** A piece of the answer, as it comes. */
  write(text: string): void {
    this.streams.stdout.write(text);
  }

  /** A line about the answer; not part of it. */
  note(line: string): void {
    this.streams.stderr.write(`${line}\n`);
  }

  warn(line: string): void {
    this.note(`${this.noteStyle.paint('yellow', 'Warning:')} ${line}`);
  }

  /** The whole answer: as JSON where that is asked for, else in the words of `say`. */
  answer(value: unknown, say: () => void): void {
    if (this.#isJson) this.print(JSON.stringify(value, null, 2));
    else say();
  }

  /** One JSON document on one line, of a command that streams. */
  record(value: unknown): void {
    this.print(JSON.stringify(value));
  }

  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    const [head = '', ...body] = tableLines(columns, rows, this.columns);
    this.print(this.style.paint('bold', head));
    for (const line of body) this.print(line);
  }

  /** Names with their values, one a line, without those that have none. */
  facts(pairs: readonly (readonly [string, string | number | null | undefined])[]): void {
    const known = pairs.filter(
      ([, value]) => value !== null && value !== undefined && value !== '',
    );
    const room = Math.max(0, ...known.map(([name]) => name.length)) + 2;
    for (const [name, value] of known) {
      this.hanging(this.style.paint('bold', `${name}:`.padEnd(room)), room, String(value));
    }
  }

  /** A text behind a label that takes `room` columns; its further lines stand below its first. */
  hanging(label: string, room: number, text: string): void {
    const lines = text.split('\n').map(harmless).join('\n');
    const [first = '', ...rest] = wrap(lines, this.columns - room);
    this.print((label + first).trimEnd());
    for (const line of rest) this.print(' '.repeat(room) + line);
  }
}
