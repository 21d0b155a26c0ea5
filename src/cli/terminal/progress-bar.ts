import { durationText, sizeText } from '../units.ts';
import type { Terminal } from './terminal.ts';
import { harmless, padEnd, truncate, widthOf } from './width.ts';

export interface Progress {
  label: string;
  /** Bytes. */
  received: number;
  /** Bytes; 0 while it is not known. */
  size: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
}

/** Often enough for an eye, and cheap over a slow line. */
const redrawMs = 100;
const leastBar = 10;
const leastLabel = 8;
const mostBar = 40;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One line on stderr that is drawn again and again, as wide as the terminal allows. */
export class ProgressBar {
  readonly #out: Terminal;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #latest: Progress | undefined;

  constructor(out: Terminal) {
    this.#out = out;
  }

  show(progress: Progress): void {
    this.#latest = progress;
    const now = performance.now();
    if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#draw(progress);
  }

  /** Words in the place of the bar. */
  say(text: string): void {
    this.#latest = undefined;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.#replace(truncate(harmless(text), this.#columns));
  }

  /** Leaves the last state in its line, and goes to the next. */
  end(): void {
    if (this.#latest) this.#draw(this.#latest);
    this.#out.streams.stderr.write('\n');
  }

  /** Takes its line away. */
  clear(): void {
    this.#replace('');
  }

  get #columns(): number {
    // A full last column would wrap in some terminals.
    return (this.#out.streams.stderr.columns || 80) - 1;
  }

  #draw(progress: Progress): void {
    this.#replace(barLine(progress, this.#columns));
  }

  #replace(line: string): void {
    this.#out.streams.stderr.write(`\r\u001B[K${line}`);
  }
}

/** What does not fit is left out from the least important on: bar, rate, time left. */
export function barLine(progress: Progress, columns: number): string {
  const { received, size, bytesPerSecond, secondsLeft } = progress;
  const share = size > 0 ? Math.min(1, received / size) : 0;
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const amount = padEnd(`${sizeText(received)} of ${size > 0 ? sizeText(size) : '?'}`, 18);
  const rate = padEnd(bytesPerSecond > 0 ? `${sizeText(bytesPerSecond)}/s` : '', 11);
  const left = padEnd(secondsLeft === null ? '' : `${durationText(secondsLeft)} left`, 16);
  const tails = [`${percent}  ${amount}  ${rate}  ${left}`, `${percent}  ${amount}`, percent];
  const tail = tails.find((each) => widthOf(each) <= columns - leastBar - 2) ?? percent;
  const room = columns - widthOf(tail) - 2;
  const beside = room - leastBar - 1;
  const labelRoom = beside < leastLabel ? room : Math.min(beside, Math.ceil(room / 2));
  const label = truncate(harmless(progress.label), labelRoom);
  const barWidth = Math.min(mostBar, room - widthOf(label) - 1);
  return [label, bar(share, barWidth), tail].filter(Boolean).join(' ').trimEnd();
}

function bar(share: number, width: number): string {
  if (width < leastBar) return '';
  const inner = width - 2;
  const filled = Math.floor(share * inner * 8);
  const text = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return `▕${padEnd(text, inner)}▏`;
}
