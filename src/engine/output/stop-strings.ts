import { MarkerSet, MarkerSplitter } from './markers.ts';

/** Ends the answer before the first stop string; nothing of one is ever let through. */
export class StopStrings {
  readonly #splitter: MarkerSplitter;
  #stopped = false;

  constructor(stop: readonly string[]) {
    this.#splitter = new MarkerSplitter(new MarkerSet(stop));
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The part of the answer that may be shown. */
  push(text: string): string {
    if (this.#stopped) return '';
    const { before, marker } = this.#splitter.push(text);
    if (marker !== null) this.#stopped = true;
    return before;
  }

  /** What was held back, where the text ends or something else than text follows. */
  flush(): string {
    return this.#splitter.flush();
  }
}
