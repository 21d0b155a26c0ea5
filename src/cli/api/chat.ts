import * as z from 'zod';
import type { Client } from '../client/client.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatRequest {
  model: string;
  messages: readonly ChatMessage[];
  think?: boolean | string;
  /** `json`, or a JSON schema. */
  format?: string | object;
  options?: Record<string, string | number | boolean>;
  keep_alive?: string | number;
}

/** Times are nanoseconds. */
const ending = z.object({
  done: z.literal(true),
  done_reason: z.string(),
  total_duration: z.number(),
  load_duration: z.number(),
  prompt_eval_count: z.number().optional(),
  prompt_eval_duration: z.number(),
  eval_count: z.number(),
  eval_duration: z.number(),
});

const line = z.object({
  message: z.object({ content: z.string(), thinking: z.string().optional() }),
  done: z.boolean(),
});

export type ChatEnding = z.output<typeof ending>;

export type ChatPart =
  | { type: 'thinking'; text: string }
  | { type: 'text'; text: string }
  | { type: 'done'; ending: ChatEnding };

const chatLine = z.union([line.extend(ending.shape), line]);

/** The next turn of a conversation, as it comes. Ending it early ends the generation. */
export async function* chat(
  client: Client,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatPart> {
  for await (const part of client.stream('/api/chat', request, chatLine, signal)) {
    const { message, ...rest } = part;
    if (message.thinking) yield { type: 'thinking', text: message.thinking };
    if (message.content) yield { type: 'text', text: message.content };
    if ('done_reason' in rest) yield { type: 'done', ending: rest };
  }
}
