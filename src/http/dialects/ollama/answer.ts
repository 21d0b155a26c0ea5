import type { GenerationEvent } from '../../../engine/index.ts';

/** A piece of an answer, as one line or the whole of it. */
export interface AnswerPart {
  content: string;
  thinking?: string;
  toolCalls?: WireToolCall[];
}

interface WireToolCall {
  id: string;
  function: { index: number; name: string; arguments: object };
}

/** How a part stands in an answer: `/api/chat` and `/api/generate` differ in nothing else. */
export type AnswerShape = (part: AnswerPart) => object;

export const chatShape: AnswerShape = ({ content, thinking, toolCalls }) => ({
  message: {
    role: 'assistant',
    content,
    ...(thinking && { thinking }),
    ...(toolCalls && { tool_calls: toolCalls }),
  },
});

export const generateShape: AnswerShape = ({ content, thinking }) => ({
  response: content,
  ...(thinking && { thinking }),
});

type Done = Extract<GenerationEvent, { type: 'done' }>;

/** Reads the events of one answer, and its times. */
export class AnswerReader {
  readonly #showsThinking: boolean;
  readonly #startedAt = performance.now();
  #firstAt: number | undefined;
  #calls = 0;
  #done: Done | undefined;

  /** @param showsThinking false: who asked not to think gets no thoughts, even if there are any */
  constructor(showsThinking: boolean) {
    this.#showsThinking = showsThinking;
  }

  /** The parts that a batch adds, as few as possible; calls stand in parts of their own. */
  read(batch: readonly GenerationEvent[]): AnswerPart[] {
    this.#firstAt ??= performance.now();
    const parts: AnswerPart[] = [];
    for (const event of batch) {
      const last = parts.at(-1);
      if (event.type === 'done') this.#done = event;
      else if (event.type === 'tool_call') parts.push(this.#callPart(event.call));
      else if (event.text === '') continue;
      else if (event.type === 'text') {
        if (last && isText(last)) last.content += event.text;
        else parts.push({ content: event.text });
      } else if (this.#showsThinking) {
        if (last?.thinking !== undefined) last.thinking += event.text;
        else parts.push({ content: '', thinking: event.text });
      }
    }
    return parts;
  }

  /** What the last line says of the answer; undefined before its end. Nanoseconds. */
  ending(): object | undefined {
    if (!this.#done) return undefined;
    const { finishReason, usage, timings } = this.#done;
    const now = performance.now();
    const firstAt = this.#firstAt ?? now;
    const waitedMs = timings.queueMs + timings.loadMs;
    const prefillMs = timings.prefillMs ?? firstAt - this.#startedAt - waitedMs;
    const { promptTokens } = usage;
    return {
      done: true,
      done_reason: doneReasons[finishReason],
      total_duration: nanoseconds(now - this.#startedAt),
      load_duration: nanoseconds(timings.loadMs),
      ...(promptTokens !== null && { prompt_eval_count: promptTokens }),
      prompt_eval_duration: nanoseconds(prefillMs),
      eval_count: usage.completionTokens,
      eval_duration: nanoseconds(timings.decodeMs ?? now - firstAt),
    };
  }

  #callPart(call: { id?: string; name: string; arguments: object }): AnswerPart {
    const index = this.#calls;
    this.#calls += 1;
    const id = call.id ?? `call_${crypto.randomUUID().slice(0, 8)}`;
    const wire = { id, function: { index, name: call.name, arguments: call.arguments } };
    return { content: '', toolCalls: [wire] };
  }
}

/** Ollama has no reason of its own for calls; `unload`: the model was unloaded while it answered. */
const doneReasons: Record<Done['finishReason'], string> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'stop',
  abort: 'unload',
};

/** All parts as one. */
export function joinParts(parts: readonly AnswerPart[]): AnswerPart {
  const thinking = parts.map((part) => part.thinking ?? '').join('');
  const toolCalls = parts.flatMap((part) => part.toolCalls ?? []);
  return {
    content: parts.map((part) => part.content).join(''),
    ...(thinking && { thinking }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

export function nanoseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1e6));
}

function isText(part: AnswerPart): boolean {
  return part.thinking === undefined && part.toolCalls === undefined;
}
