import type { FinishReason } from '../../../engine/index.ts';
import type { WireUsage } from './usage.ts';

/** `abort`: the model was unloaded while it answered. `error`: see the object's `error`. */
export type WireFinishReason = FinishReason | 'error' | null;

/** The one object of `/generate`: the whole answer, or one step of a stream. */
export interface Answer {
  id: 'rkllm_chat';
  object: 'rkllm_chat';
  /** Unix seconds. */
  created: number;
  choices: [
    { role: 'assistant'; content: string; logprobs: null; finish_reason: WireFinishReason },
  ];
  usage: WireUsage;
  error?: string;
}

export function answerObject(
  created: number,
  content: string,
  finishReason: WireFinishReason,
  usage: WireUsage,
): Answer {
  return {
    id: 'rkllm_chat',
    object: 'rkllm_chat',
    created,
    choices: [{ role: 'assistant', content, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
