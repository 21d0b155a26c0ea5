import type { PullEvent } from '../api/pulls.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { durationText, sizeText } from '../units.ts';

export interface PullView {
  show(event: PullEvent): void;
  /** Something else is written now. */
  pause(): void;
}

/** A bar on a terminal, lines elsewhere, the events themselves for programs. */
export function viewOf(out: Terminal): PullView {
  if (out.isJson) return { show: (event) => out.record(event), pause: () => {} };
  return out.canRedraw ? new BarView(out) : new LineView(out);
}

class BarView implements PullView {
  readonly #out: Terminal;
  readonly #bar: ProgressBar;
  #isDrawn = false;

  constructor(out: Terminal) {
    this.#out = out;
    this.#bar = new ProgressBar(out);
  }

  show(event: PullEvent): void {
    switch (event.event) {
      case 'pull':
        this.#say(`Asking for ${event.reference} …`);
        break;
      case 'start':
        if (event.resumed_bytes > 0) {
          this.#bar.say(`Going on after ${sizeText(event.resumed_bytes)} that are here already`);
          this.#bar.end();
        }
        break;
      case 'progress':
        this.#isDrawn = true;
        this.#bar.show({
          label: event.file,
          received: event.received_bytes,
          size: event.size_bytes,
          bytesPerSecond: event.bytes_per_second,
          secondsLeft: event.seconds_left,
        });
        break;
      case 'verifying':
        this.pause();
        this.#say(`Verifying ${event.file} …`);
        break;
      case 'done':
        this.#bar.clear();
        this.#isDrawn = false;
        this.#out.note(doneText(event.name));
    }
  }

  pause(): void {
    if (this.#isDrawn) this.#bar.end();
    this.#isDrawn = false;
  }

  #say(text: string): void {
    this.#isDrawn = true;
    this.#bar.say(text);
  }
}

/** A line for every tenth, so that a log stays short. */
class LineView implements PullView {
  readonly #out: Terminal;
  #tenth = -1;

  constructor(out: Terminal) {
    this.#out = out;
  }

  show(event: PullEvent): void {
    switch (event.event) {
      case 'start':
        this.#out.note(startText(event));
        break;
      case 'progress':
        this.#progress(event);
        break;
      case 'verifying':
        this.#out.note(`Verifying ${event.file}`);
        break;
      case 'done':
        this.#out.note(doneText(event.name));
    }
  }

  pause(): void {}

  #progress(event: Extract<PullEvent, { event: 'progress' }>): void {
    const { received_bytes: received, size_bytes: size, bytes_per_second: rate } = event;
    const tenth = size > 0 ? Math.floor((received / size) * 10) : 0;
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    const { seconds_left: left } = event;
    const rest =
      left === null || rate === 0 ? '' : `, ${sizeText(rate)}/s, ${durationText(left)} left`;
    this.#out.note(`${tenth * 10} %, ${sizeText(received)} of ${sizeText(size)}${rest}`);
  }
}

function startText({
  file,
  size_bytes: size,
  resumed_bytes: resumed,
}: Extract<PullEvent, { event: 'start' }>): string {
  const after = resumed > 0 ? `, going on after ${sizeText(resumed)}` : '';
  return `Downloading ${file} (${sizeText(size)})${after}`;
}

function doneText(name: string): string {
  return `${name} is on the board. Ask it something: rkllama run ${name}`;
}
