import type { OutputEvent, OutputOptions } from './output/index.ts';
import { RepetitionWatch } from './output/repetition.ts';
import { StopStrings } from './output/stop-strings.ts';

/** An `OutputPipeline` that leaves thoughts and calls where they are, and only ends the answer. */
export class RawOutput {
  readonly sawToolCall = false;
  readonly #stop: StopStrings;
  readonly #repetition: RepetitionWatch | null;
  #stopped: 'stop_string' | 'repetition' | null = null;

  constructor({ stop = [], repetition }: Pick<OutputOptions, 'stop' | 'repetition'>) {
    this.#stop = new StopStrings(stop);
    this.#repetition = repetition ? new RepetitionWatch(repetition) : null;
  }

  get stopped(): 'stop_string' | 'repetition' | null {
    return this.#stopped;
  }

  push(text: string): OutputEvent[] {
    if (this.#stopped) return [];
    const accepted = this.#repetition?.push(text) ?? null;
    const shown = this.#stop.push(accepted === null ? text : text.slice(0, accepted));
    if (this.#stop.stopped) this.#stopped = 'stop_string';
    if (this.#stopped || accepted === null) return textOf(shown);
    this.#stopped = 'repetition';
    return textOf(shown + this.#stop.flush());
  }

  end(): OutputEvent[] {
    return this.#stopped ? [] : textOf(this.#stop.flush());
  }
}

function textOf(text: string): OutputEvent[] {
  return text === '' ? [] : [{ type: 'text', text }];
}
