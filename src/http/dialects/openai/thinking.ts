import * as z from 'zod';
import type { Thinking } from '../../../engine/index.ts';

const efforts = {
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
} as const satisfies Record<string, Thinking>;

const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish();

/** The ways in which clients say whether, and how much, a model shall think. */
export const thinkingFields = {
  reasoning_effort: effort.describe('Left out: as the template of the model decides.'),
  reasoning: z
    .looseObject({ effort, enabled: z.boolean().nullish() })
    .nullish()
    .describe('The same, as OpenRouter and Ollama have it.'),
  chat_template_kwargs: z
    .looseObject({ enable_thinking: z.boolean().nullish() })
    .nullish()
    .describe('The same, as llama.cpp and vLLM have it.'),
};

type ThinkingFields = z.output<z.ZodObject<typeof thinkingFields>>;

/** Undefined: as the model's template decides. */
export function thinkingOf(body: ThinkingFields): Thinking | undefined {
  const level = body.reasoning_effort ?? body.reasoning?.effort;
  if (level) return efforts[level];
  return body.reasoning?.enabled ?? body.chat_template_kwargs?.enable_thinking ?? undefined;
}
