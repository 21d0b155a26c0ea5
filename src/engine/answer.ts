/** One answer: from the events of a run to the events of a generation. */
import type { RunEvent } from '../rkllm/index.ts';
import { type OutputEvent, type OutputOptions, OutputPipeline } from './output/index.ts';
import { RawOutput } from './raw-output.ts';
import type {
  ChatMessage,
  FinishReason,
  GenerationEvent,
  Timings,
  ToolCall,
  Usage,
} from './types.ts';
import { type FinishedRun, promptUsage } from './usage.ts';

export interface AnswerOptions {
  choice: number;
  /** Null: text as the model wrote it. */
  output: OutputOptions | null;
  /** Nothing but the end is looked for. */
  raw: boolean;
  /** Exact; null where only the runtime can tell. */
  promptTokens: number | null;
  /** Of the loaded model, in tokens. */
  contextLength: number;
  droppedMessages: number;
  waited: Pick<Timings, 'queueMs' | 'loadMs'>;
}

const finishReasons: Record<'end' | 'limit' | 'aborted', FinishReason> = {
  end: 'stop',
  limit: 'length',
  aborted: 'abort',
};

export class Answer {
  readonly #options: AnswerOptions;
  readonly #pipeline: OutputPipeline | RawOutput | null;
  /** Tokens since the last event. */
  #tokens = 0;
  #reasoningTokens = 0;
  /** Tokens up to the one that ended the answer, where a stop string or a repetition did. */
  #tokensToStop: number | null = null;
  #allTokens = 0;
  /** Kept where tools can be called: as the model wrote it, and what was made of it. */
  #written = '';
  #content = '';
  readonly #toolCalls: ToolCall[] = [];
  #usage: Usage | null = null;

  constructor(options: AnswerOptions) {
    this.#options = options;
    const { output, raw } = options;
    this.#pipeline = output && (raw ? new RawOutput(output) : new OutputPipeline(output));
  }

  /** True once the answer is complete although the run goes on: it has to be aborted. */
  get complete(): boolean {
    return this.#tokensToStop !== null;
  }

  /** Null until the end. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** The finished turn where it called tools: what clients send back as history. */
  get message(): (ChatMessage & { role: 'assistant' }) | null {
    if (this.#toolCalls.length === 0) return null;
    return { role: 'assistant', content: this.#content, toolCalls: this.#toolCalls };
  }

  /** The text of that turn as it came, without the thought before it. */
  get generated(): string {
    const opened = this.#options.output?.reasoning?.opened ?? false;
    return this.#written.replace(
      opened ? /^[\s\S]*?<\/think>\s*/ : /^\s*<think>[\s\S]*?<\/think>\s*/,
      '',
    );
  }

  take(event: RunEvent): GenerationEvent[] {
    switch (event.type) {
      case 'tokens':
        return event.texts.flatMap((text) => this.#token(text));
      case 'matrix':
        return [];
      case 'finished':
        return [...this.#events(this.#pipeline?.end() ?? []), this.#done(event)];
    }
  }

  #token(text: string): GenerationEvent[] {
    if (this.complete) return [];
    this.#tokens += 1;
    this.#allTokens += 1;
    if (!this.#pipeline) return this.#events([{ type: 'text', text }]);
    if (this.#options.output?.tools) this.#written += text;
    const events = this.#events(this.#pipeline.push(text));
    if (this.#pipeline.stopped) this.#tokensToStop = this.#allTokens;
    return events;
  }

  #events(events: readonly OutputEvent[]): GenerationEvent[] {
    const { choice } = this.#options;
    return events.map((event) => {
      const tokens = this.#tokens;
      this.#tokens = 0;
      if (event.type === 'reasoning') this.#reasoningTokens += tokens;
      if (event.type === 'tool_call') this.#toolCalls.push(event.call);
      if (event.type === 'text' && this.#options.output?.tools) this.#content += event.text;
      return { ...event, choice, tokens };
    });
  }

  #done(event: FinishedRun): GenerationEvent {
    const { choice, droppedMessages, waited } = this.#options;
    const usage = this.#usageOf(event);
    this.#usage = usage;
    return {
      type: 'done',
      choice,
      finishReason: this.#finishReason(event.ending, usage),
      usage,
      timings: {
        ...waited,
        prefillMs: event.counters?.prefillMs ?? null,
        decodeMs: event.counters?.decodeMs ?? null,
      },
      droppedMessages,
    };
  }

  #finishReason(ending: 'end' | 'limit' | 'aborted', usage: Usage): FinishReason {
    if (this.#pipeline?.sawToolCall && ending !== 'limit') return 'tool_calls';
    if (this.complete) return 'stop';
    return ending === 'end' && this.#fillsContext(usage) ? 'length' : finishReasons[ending];
  }

  /** The runtime ends an answer that fills the context as if the model had ended it. */
  #fillsContext({ promptTokens, completionTokens }: Usage): boolean {
    return promptTokens !== null && promptTokens + completionTokens >= this.#options.contextLength;
  }

  /**
   * Completion tokens are counted as they come: after an abort the runtime's count includes tokens
   * that are not part of the answer.
   */
  #usageOf(event: FinishedRun): Usage {
    return {
      ...promptUsage(event, this.#options.promptTokens),
      completionTokens: this.#tokensToStop ?? event.tokens,
      reasoningTokens: this.#reasoningTokens,
    };
  }
}
