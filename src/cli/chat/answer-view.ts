import type { ChatPart } from '../api/chat.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { durationText } from '../units.ts';

type Piece = Exclude<ChatPart, { type: 'done' }>;

/** Before it is worth a word that the answer is being waited for. */
const patienceMs = 1000;
/** What a model writes must not steer the terminal: control characters, but for line and tab. */
const steering = /[^\P{Cc}\n\t]/gu;

/** An answer on the screen: the text on stdout; thoughts, dimmed, and the wait on stderr. */
export class AnswerView {
  readonly #out: Terminal;
  #timer: NodeJS.Timeout | undefined;
  #state: 'waiting' | 'thinking' | 'answering' = 'waiting';
  #isWaitShown = false;
  #endsWithNewline = true;

  constructor(out: Terminal) {
    this.#out = out;
  }

  /** Tells that something is being waited for: a load or a long prompt takes its time. */
  wait(): void {
    if (!this.#out.canRedraw) return;
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - startedAt) / 1000;
      const words = `waiting for the model, ${durationText(seconds)}`;
      this.#isWaitShown = true;
      this.#note(`\r\u001B[K${this.#out.noteStyle.paint('dim', words)}`);
    }, patienceMs);
  }

  show({ type, text }: Piece): void {
    this.#stopWaiting();
    if (type === 'thinking') this.#think(text);
    else this.#say(text);
  }

  /** Leaves the cursor at the beginning of a line. */
  end(): void {
    this.#stopWaiting();
    if (this.#endsWithNewline) return;
    if (this.#state === 'answering') this.#out.write('\n');
    else this.#note('\n');
  }

  #think(text: string): void {
    this.#state = 'thinking';
    this.#endsWithNewline = text.endsWith('\n');
    this.#note(this.#out.noteStyle.paint('dim', text.replaceAll(steering, '')));
  }

  #say(text: string): void {
    if (this.#state === 'thinking') {
      this.#note(this.#endsWithNewline ? '\n' : '\n\n');
      this.#endsWithNewline = true;
    }
    // Templates leave a blank line between thoughts and answer.
    const shown = this.#state === 'answering' ? text : text.trimStart();
    if (shown === '') return;
    this.#state = 'answering';
    this.#endsWithNewline = shown.endsWith('\n');
    const isTerminal = this.#out.streams.stdout.isTTY;
    this.#out.write(isTerminal ? shown.replaceAll(steering, '') : shown);
  }

  #stopWaiting(): void {
    clearInterval(this.#timer);
    if (this.#isWaitShown) this.#note('\r\u001B[K');
    this.#isWaitShown = false;
  }

  #note(text: string): void {
    this.#out.streams.stderr.write(text);
  }
}
