import type { Tool } from '../types.ts';
import { joined, type OutputEvent } from './event.ts';
import { ReasoningSplitter } from './reasoning.ts';
import { ReasoningCalls } from './reasoning-calls.ts';
import { type RepetitionOptions, RepetitionWatch } from './repetition.ts';
import { StopStrings } from './stop-strings.ts';
import { CallFinder, type Finding } from './tools/call-finder.ts';
import type { ToolFormat } from './tools/formats.ts';
import { ToolBox } from './tools/tool-box.ts';

export interface OutputOptions {
  /**
   * Strings that end the answer. They are looked for in its text alone: neither reasoning nor the
   * arguments of a call, which no client has asked to be cut, can end it.
   */
  stop?: readonly string[];
  /** `opened`: the prompt ended with the tag that opens the reasoning. */
  reasoning?: { opened: boolean };
  /** Without tools nothing is a call. */
  tools?: { list: readonly Tool[]; format: ToolFormat };
  /** Ends an output that repeats itself. */
  repetition?: RepetitionOptions | undefined;
}

/** Makes events of the text that a model generates, piece by piece. */
export class OutputPipeline {
  readonly #repetition: RepetitionWatch | null;
  readonly #reasoning: ReasoningSplitter;
  /** Null without tools. */
  readonly #reasoningCalls: ReasoningCalls | null;
  readonly #calls: CallFinder | null;
  readonly #stop: StopStrings;
  #state: 'open' | 'stop_string' | 'repetition' | 'ended' = 'open';
  #sawToolCall = false;

  constructor({ stop = [], reasoning, tools, repetition }: OutputOptions) {
    const box = tools && tools.list.length > 0 ? new ToolBox(tools.list) : null;
    this.#repetition = repetition ? new RepetitionWatch(repetition) : null;
    this.#reasoning = new ReasoningSplitter({
      opened: reasoning?.opened ?? false,
      tools: box !== null,
    });
    const finder = (bare: boolean) =>
      tools && box ? new CallFinder(tools.format, box, { bare }) : null;
    const tagged = finder(false);
    this.#reasoningCalls = tagged && new ReasoningCalls(tagged);
    this.#calls = finder(true);
    this.#stop = new StopStrings(stop);
  }

  /** Why the run should be aborted; from then on pushes give nothing. */
  get stopped(): 'stop_string' | 'repetition' | null {
    return this.#state === 'stop_string' || this.#state === 'repetition' ? this.#state : null;
  }

  get sawToolCall(): boolean {
    return this.#sawToolCall;
  }

  /** `text`: of one or several tokens, whole characters. */
  push(text: string): OutputEvent[] {
    if (this.#state !== 'open') return [];
    const accepted = this.#repetition?.push(text) ?? null;
    const events = this.#read(accepted === null ? text : text.slice(0, accepted));
    if (accepted !== null && this.#state === 'open') {
      events.push(...this.#flush());
      if (this.#state === 'open') this.#state = 'repetition';
    }
    return joined(events);
  }

  /** What is still held back; to be called once the run is over, whatever ended it. */
  end(): OutputEvent[] {
    if (this.#state !== 'open') return [];
    const events = this.#flush();
    if (this.#state === 'open') this.#state = 'ended';
    return joined(events);
  }

  #read(text: string): OutputEvent[] {
    return this.#reasoning
      .push(text)
      .flatMap((segment) => this.#segment(segment.type, segment.text));
  }

  #flush(): OutputEvent[] {
    return [
      ...this.#reasoning.end().flatMap(({ type, text }) => this.#segment(type, text)),
      ...(this.#reasoningCalls?.end() ?? []).flatMap((event) => this.#out(event)),
      ...this.#endAnswer(),
    ];
  }

  #segment(type: 'text' | 'reasoning', text: string): OutputEvent[] {
    if (text === '') return [];
    if (type === 'reasoning') {
      // Harmony alone goes back to reasoning behind an answer.
      const before = this.#endAnswer();
      const events = this.#reasoningCalls?.push(text) ?? [{ type, text }];
      return [...before, ...events.flatMap((event) => this.#out(event))];
    }
    const thoughts = text.trim() === '' ? [] : (this.#reasoningCalls?.answer() ?? []);
    const events = this.#calls?.push(text).flatMap(eventsOf) ?? [{ type, text }];
    return [...thoughts, ...events].flatMap((event) => this.#out(event));
  }

  #endAnswer(): OutputEvent[] {
    const events = (this.#calls?.end() ?? [])
      .flatMap(eventsOf)
      .flatMap((event) => this.#out(event));
    return [...events, ...this.#flushText()];
  }

  #out(event: OutputEvent): OutputEvent[] {
    if (this.#state !== 'open' || event.type === 'reasoning') return this.#unlessStopped(event);
    if (event.type === 'tool_call') {
      const before = this.#flushText();
      this.#sawToolCall = true;
      return [...before, event];
    }
    const text = this.#stop.push(event.text);
    if (this.#stop.stopped) this.#state = 'stop_string';
    return [{ type: 'text', text }];
  }

  #unlessStopped(event: OutputEvent): OutputEvent[] {
    return this.#state === 'open' ? [event] : [];
  }

  #flushText(): OutputEvent[] {
    return this.#state === 'open' ? [{ type: 'text', text: this.#stop.flush() }] : [];
  }
}

function eventsOf(finding: Finding): OutputEvent[] {
  if (finding.type === 'text') return [finding];
  return finding.calls.map((call) => ({ type: 'tool_call', call }));
}
