/**
 * Writes a text that a guide describes. What is certain the engine writes itself; what is free the
 * model generates, and is watched. At the first character that does not belong there the run is
 * ended, and another goes on from the last one that did.
 */
import { ApplianceError } from '../../errors.ts';
import type { RunEvent } from '../../rkllm/index.ts';
import type { Guide, GuideState } from '../guide/index.ts';
import type { RepetitionWatch } from '../output/repetition.ts';
import type { GuidedCounts } from '../types.ts';
import { certainText } from './certain-text.ts';
import { Draft } from './draft.ts';
import type { Thought } from './thought.ts';

/** Where the text comes from: a model that goes on from what is written. */
export interface TextSource {
  /** A run that goes on from the draft; null when the context has no room for another token. */
  run(draft: Draft, maxTokens: number): Promise<AsyncIterable<RunEvent> | null>;
  /** Ends the run. */
  abort(): void;
  /** Tokens of a text. */
  count(text: string): Promise<number>;
  /** Whether it is quicker to end the run and prefill so many tokens than to have them generated. */
  continuationPays(tokens: number): boolean;
}

export interface WriterOptions {
  guide: Guide;
  source: TextSource;
  /** What the model thinks before; null: it does not. */
  thought: Thought | null;
  maxTokens: number;
  /** Tries of the model at one place before the engine writes the next character there itself. */
  triesPerPlace: number;
  /** Ends a text that repeats itself. */
  repetition?: RepetitionWatch;
  /** Gets what was written, in pieces that are never taken back; `tokens` since the piece before. */
  onText: (text: string, tokens: number) => void;
  onReasoning: (text: string, tokens: number) => void;
  /** Called when what was told so far should be passed on. */
  flush: () => void;
  /** True when nobody wants the answer any more. */
  cancelled: () => boolean;
}

/** How an answer came to its end; in the first two cases it is whole. */
export type Ending = 'whole' | 'limit' | 'cancelled';

/** Failed tries of the model in all before the engine ends the text in a short way. */
const mostFailures = 32;

/** Why a run is over: the model or its limit ended it, or we did. */
type Pause = 'whole' | 'certain' | 'rejected' | 'repeats' | 'end' | 'limit' | 'cancelled';

export class GuidedWriter {
  readonly #options: WriterOptions;
  readonly #draft = new Draft();
  #state: GuideState;
  #thought: Thought | null;
  #document = '';
  #completionTokens = 0;
  #reasoningTokens = 0;
  /** Since the last piece that was told. */
  #untold = 0;
  #runs = 0;
  #forcedTokens = 0;
  #rejectedTokens = 0;
  #failures = { all: 0, here: 0, place: -1 };
  /** In this run. */
  #hasLeftOutQuote = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#state = options.guide.start;
    this.#thought = options.thought;
  }

  /** The guided text, without what was thought before. */
  get document(): string {
    return this.#document;
  }

  /** All that was written behind the prompt. */
  get written(): string {
    return this.#draft.text;
  }

  get completionTokens(): number {
    return this.#completionTokens;
  }

  get reasoningTokens(): number {
    return this.#reasoningTokens;
  }

  get counts(): GuidedCounts {
    return {
      continuations: Math.max(0, this.#runs - 1),
      forcedTokens: this.#forcedTokens,
      rejectedTokens: this.#rejectedTokens,
    };
  }

  /**
   * Writes to the end. There are at most as many runs as tokens in the answer, `mostFailures` and one:
   * each either failed, or ended before text that is certain.
   */
  async write(): Promise<Ending> {
    for (;;) {
      if (!this.#thought) await this.#force(certainText(this.#state).text);
      if (this.#options.cancelled()) return 'cancelled';
      if (this.#state.ended) return 'whole';
      const room = this.#options.maxTokens - this.#completionTokens;
      const run = room > 0 ? await this.#options.source.run(this.#draft, room) : null;
      if (!run) return this.#close('limit');
      this.#runs += 1;
      this.#hasLeftOutQuote = false;
      const pause = await this.#watch(run);
      if (pause === 'whole' || pause === 'cancelled') return pause;
      if (this.#options.cancelled()) return 'cancelled';
      if (pause === 'limit') return this.#close('limit');
      if (pause === 'repeats') return this.#close('whole');
      if (pause === 'end' && this.#thought) this.#endThought();
      else if (pause === 'end' && this.#state.complete) return 'whole';
      else if (pause !== 'certain' && (await this.#fail())) return this.#close('whole');
    }
  }

  async #watch(run: AsyncIterable<RunEvent>): Promise<Pause> {
    let pause: Pause | null = null;
    for await (const event of run) {
      if (event.type === 'tokens' && pause === null) {
        pause = await this.#read(event.texts, event.ids);
        this.#options.flush();
        if (pause) this.#options.source.abort();
      } else if (event.type === 'finished' && pause === null) {
        pause = event.ending === 'aborted' ? 'cancelled' : event.ending;
      }
    }
    return pause ?? 'cancelled';
  }

  async #read(texts: readonly string[], ids: readonly number[]): Promise<Pause | null> {
    for (const [index, text] of texts.entries()) {
      const id = ids[index] ?? -1;
      // Half a character, left over at the end of a run.
      if (id < 0 && text === '\uFFFD') continue;
      this.#completionTokens += 1;
      this.#untold += 1;
      this.#draft.generated(id, text);
      const pause = this.#thought ? this.#think(this.#thought, text) : this.#offer(text);
      if (pause) return pause;
      if (await this.#isBetterForced()) return 'certain';
    }
    return null;
  }

  /** Text that stands at the end of the draft: what of it belongs there stays. */
  #offer(text: string): Pause | null {
    if (text === '') return null;
    const { state, accepted } = this.#state.accept(text);
    this.#state = state;
    this.#draft.takeBack(text.length - accepted);
    this.#tell(text.slice(0, accepted));
    if (state.ended) return 'whole';
    const repeats = this.#options.repetition?.push(text.slice(0, accepted)) ?? null;
    if (repeats !== null) return 'repeats';
    if (accepted === text.length) return null;
    // What stands behind a whole text is nobody's loss.
    if (state.complete) return 'whole';
    if (accepted === 0) this.#discount();
    this.#rejectedTokens += 1;
    return this.#isUnwantedQuote(text.slice(accepted)) ? null : 'rejected';
  }

  /**
   * Models put numbers, true and null into quotes. The run may go on once: what comes behind the quote,
   * which is left out, is the value.
   */
  #isUnwantedQuote(rest: string): boolean {
    if (this.#hasLeftOutQuote || !/^\s*["']$/.test(rest)) return false;
    this.#hasLeftOutQuote =
      /^\s*[-\dtfn]/.test(this.#state.closing()) && !endsInString(this.#document);
    return this.#hasLeftOutQuote;
  }

  #think(thought: Thought, text: string): Pause | null {
    const { reasoning, answer } = thought.push(text);
    this.#reasoningTokens += 1;
    if (reasoning !== '') this.#tellReasoning(reasoning);
    if (answer.trim() === '') return null;
    this.#reasoningTokens -= 1;
    this.#thought = null;
    return this.#offer(answer.trimStart());
  }

  /** The model ended while it thought, or before it said anything. */
  #endThought(): void {
    if (!this.#thought) return;
    const { closing } = this.#thought;
    const { reasoning, answer } = this.#thought.end();
    this.#thought = null;
    if (reasoning !== '') this.#tellReasoning(reasoning);
    if (answer.trim() !== '') this.#offer(answer.trimStart());
    else this.#draft.write(closing);
  }

  /** Whether what comes next is certain, and quicker prefilled than generated. */
  async #isBetterForced(): Promise<boolean> {
    const thought = this.#thought;
    if (thought && !thought.closed) return false;
    const closing = thought?.closing ?? '';
    const { text: certain, isLast } = certainText(this.#state);
    if (certain === '') return false;
    const { source } = this.#options;
    // Nothing has to be generated behind what is last.
    const pays = isLast || source.continuationPays(await source.count(closing + certain));
    if (!pays) return false;
    if (thought) this.#endThought();
    return true;
  }

  /** The engine writes what the guide is sure to accept. */
  async #force(text: string): Promise<void> {
    if (text === '') return;
    const { state, accepted } = this.#state.accept(text);
    if (accepted !== text.length) {
      throw new ApplianceError('internal_error', 'The guide does not accept its own text.');
    }
    const tokens = await this.#options.source.count(text);
    this.#state = state;
    this.#draft.write(text);
    this.#completionTokens += tokens;
    this.#forcedTokens += tokens;
    this.#untold += tokens;
    this.#tell(text);
  }

  /** The model failed here; true when it shall not try again. */
  async #fail(): Promise<boolean> {
    const place = this.#document.length;
    const { all, here, place: before } = this.#failures;
    const tries = place === before ? here + 1 : 1;
    this.#failures = { all: all + 1, here: tries, place };
    if (all + 1 >= mostFailures) return true;
    if (tries >= this.#options.triesPerPlace)
      await this.#force(firstCharacter(this.#state.closing()));
    return false;
  }

  /** Ends the text in a short way. */
  async #close(ending: Ending): Promise<Ending> {
    if (this.#thought) this.#endThought();
    await this.#force(this.#state.closing());
    return ending;
  }

  /** The last token is no part of the answer. */
  #discount(): void {
    this.#completionTokens -= 1;
    this.#untold -= 1;
  }

  #tell(text: string): void {
    if (text === '') return;
    this.#document += text;
    this.#options.onText(text, this.#untold);
    this.#untold = 0;
  }

  #tellReasoning(text: string): void {
    this.#options.onReasoning(text, this.#untold);
    this.#untold = 0;
  }
}

function endsInString(json: string): boolean {
  return (json.match(/\\.|"/gs) ?? []).filter((each) => each === '"').length % 2 === 1;
}

function firstCharacter(text: string): string {
  const [first = ''] = text;
  return first;
}
