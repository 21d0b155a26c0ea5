import type { FinishReason, ToolCall } from '../../../engine/index.ts';
import { wireToolCall } from './tools.ts';

export type WireFinishReason = 'stop' | 'length' | 'tool_calls';

/** One choice, collected. */
export interface Choice {
  index: number;
  text: string;
  reasoning: string;
  calls: readonly ToolCall[];
  finishReason: WireFinishReason;
}

/**
 * How a choice looks, whole and in the steps of a stream. Steps are JSON; their `text` is JSON
 * already, so that a token costs no more than its own encoding. Null: this shape says nothing of it.
 */
export interface Shape {
  idPrefix: string;
  object: string;
  chunkObject: string;
  whole(choice: Choice): object;
  opening(index: number): string | null;
  text(index: number, text: string): string;
  reasoning(index: number, text: string): string | null;
  /** `position` counts the calls of one choice. */
  toolCall(index: number, position: number, call: ToolCall): string | null;
  finish(index: number, reason: WireFinishReason): string;
}

/** A chat: messages and deltas. Calls are whole and never in the chunk with the finish reason. */
export const chatShape: Shape = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  whole: ({ index, text, reasoning, calls, finishReason }) => ({
    index,
    message: {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls.map(wireToolCall) }),
    },
    logprobs: null,
    finish_reason: finishReason,
  }),
  opening: (index) => delta(index, '"role":"assistant","content":""'),
  text: (index, text) => delta(index, `"content":${text}`),
  reasoning: (index, text) => delta(index, `"reasoning_content":${text}`),
  toolCall: (index, position, call) =>
    delta(index, `"tool_calls":${JSON.stringify([{ index: position, ...wireToolCall(call) }])}`),
  finish: (index, reason) => delta(index, '', `"${reason}"`),
};

/** A completion: plain text. Thoughts are left out of it. */
export const completionShape: Shape = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  whole: ({ index, text, finishReason }) => ({
    text,
    index,
    logprobs: null,
    finish_reason: finishReason,
  }),
  opening: () => null,
  text: (index, text) => plain(index, text),
  reasoning: () => null,
  toolCall: () => null,
  finish: (index, reason) => plain(index, '""', `"${reason}"`),
};

/** `prompt` on the chat route: a chat's envelope around a completion's choices (OpenRouter). */
export const promptShape: Shape = {
  ...completionShape,
  idPrefix: chatShape.idPrefix,
  object: chatShape.object,
  chunkObject: chatShape.chunkObject,
};

/** `abort`: the model was unloaded; clients know no better word for an answer that was cut. */
export function wireFinishReason(reason: FinishReason): WireFinishReason {
  return reason === 'abort' ? 'length' : reason;
}

function delta(index: number, fields: string, finishReason = 'null'): string {
  return `{"index":${index},"delta":{${fields}},"logprobs":null,"finish_reason":${finishReason}}`;
}

function plain(index: number, text: string, finishReason = 'null'): string {
  return `{"text":${text},"index":${index},"logprobs":null,"finish_reason":${finishReason}}`;
}
