import type { Generation, GenerationEvent } from '../../../engine/index.ts';
import type { ApplianceError } from '../../../errors.ts';
import type { AnswerEncoder } from '../../answer-stream.ts';
import { type AnswerOptions, envelope } from './answer.ts';
import { errorObject } from './errors.ts';
import { type Shape, wireFinishReason } from './shape.ts';
import { Tally } from './usage.ts';

/**
 * Turns event batches into the bytes of a stream of server-sent events, in the shape that every
 * client measured can read: a first chunk with the role, one whole call per chunk, the finish
 * reason in a chunk of its own, then the usage where it was asked for, then `[DONE]`.
 */
export class StreamEncoder implements AnswerEncoder {
  readonly headers = {
    'Content-Type': 'text/event-stream; charset=utf-8',
    // A proxy that gathers the stream would make one block of it.
    'X-Accel-Buffering': 'no',
  };
  readonly #options: AnswerOptions;
  readonly #shape: Shape;
  readonly #head: string;
  readonly #tail: string;
  readonly #tally: Tally;
  /** The choice that is being written, and whether its role was sent. */
  #choice = 0;
  #opened = false;
  #calls = 0;
  #finished = 0;

  constructor(generation: Generation, options: AnswerOptions) {
    this.#options = options;
    this.#shape = options.shape;
    this.#tally = new Tally(options.choicesPerPrompt);
    const fields = JSON.stringify(envelope(generation, options, true));
    this.#head = `data: ${fields.slice(0, -1)},"choices":[`;
    this.#tail = options.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  }

  /** True once the last choice's result has been encoded. */
  get finished(): boolean {
    return this.#finished === this.#options.choices;
  }

  encode(batch: readonly GenerationEvent[]): string {
    return batch.map((event) => this.#event(event)).join('');
  }

  /**
   * A sign of life while there is nothing to say: a chunk that adds nothing. An SSE comment would
   * end the conversation of clients that read line by line (home-llm).
   */
  heartbeat(): string {
    return this.#open(this.#choice) || this.#chunk(this.#shape.text(this.#choice, '""'));
  }

  encodeError(error: ApplianceError): string {
    return `data: ${JSON.stringify(errorObject(error))}\n\n`;
  }

  #event(event: GenerationEvent): string {
    const { choice } = event;
    const opening = this.#open(choice);
    switch (event.type) {
      case 'text':
        if (event.text === '') return opening;
        return opening + this.#chunk(this.#shape.text(choice, JSON.stringify(event.text)));
      case 'reasoning':
        return opening + this.#chunk(this.#shape.reasoning(choice, JSON.stringify(event.text)));
      case 'tool_call': {
        const position = this.#calls;
        this.#calls += 1;
        if (position > 0 && this.#options.oneCall) return opening;
        return opening + this.#chunk(this.#shape.toolCall(choice, position, event.call));
      }
      case 'done':
        return opening + this.#finish(event);
    }
  }

  #open(choice: number): string {
    if (choice !== this.#choice) this.#opened = false;
    if (this.#opened) return '';
    this.#choice = choice;
    this.#opened = true;
    this.#calls = 0;
    return this.#chunk(this.#shape.opening(choice));
  }

  #finish(event: Extract<GenerationEvent, { type: 'done' }>): string {
    this.#tally.add(event);
    this.#finished += 1;
    const step = this.#shape.finish(event.choice, wireFinishReason(event.finishReason));
    if (!this.finished) return this.#chunk(step);
    const extras = this.#tally.extras();
    if (!this.#options.includeUsage) return this.#last(step, extras);
    return this.#chunk(step) + this.#last('', { usage: this.#tally.usage(), ...extras });
  }

  #last(step: string, fields: object): string {
    const more = JSON.stringify(fields).slice(1, -1);
    return `${this.#head}${step}]${more && `,${more}`}}\n\ndata: [DONE]\n\n`;
  }

  #chunk(step: string | null): string {
    return step === null ? '' : this.#head + step + this.#tail;
  }
}
