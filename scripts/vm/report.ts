import type { Writable } from 'node:stream';

/** Reads what the guest says, and makes a table of it. */
export class Report {
  readonly #out: Writable;
  readonly #figures = new Map<string, string>();
  #title: string | undefined;
  #passed = 0;
  #failed = 0;
  #isOver = false;

  constructor(out: Writable) {
    this.#out = out;
  }

  /** The machine did all checks to the end, and none failed. */
  get isGood(): boolean {
    return this.#isOver && this.#failed === 0 && this.#passed > 0;
  }

  figure(name: string, value: string): void {
    this.#figures.set(name, value);
  }

  /** `== TITLE`, `-- ok|failed SECONDS`, `@@ NAME VALUE`, `END STATUS`; all else is the log's. */
  line(line: string): void {
    const [, mark, rest = ''] = /^(==|--|@@|END) (.*)$/.exec(line) ?? [];
    if (mark === '==') this.#title = rest;
    if (mark === '--' && this.#title !== undefined) this.#row(this.#title, rest);
    if (mark === 'END') this.#isOver = true;
    const figure = /^(.*) (\S+)$/.exec(rest);
    if (mark === '@@' && figure) this.figure(figure[1] ?? '', figure[2] ?? '');
  }

  #row(title: string, result: string): void {
    const [word = '', seconds = ''] = result.split(' ');
    if (word === 'ok') this.#passed++;
    else this.#failed++;
    this.#out.write(`  ${title.padEnd(72)} ${seconds.padStart(6)} s  ${word}\n`);
    this.#title = undefined;
  }

  summary(): string {
    const figures = [...this.#figures].map(([name, value]) => `  ${name.padEnd(72)} ${value}\n`);
    const end = this.#isOver ? '' : 'The machine ended before the checks did.\n';
    return `${figures.join('')}${end}${this.#passed} passed, ${this.#failed} failed\n`;
  }
}
