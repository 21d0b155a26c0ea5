import * as z from 'zod';
import type { ChatMessage, JsonObject, ToolCall } from '../../../engine/index.ts';
import { textContent, userContent } from './content.ts';
import { jsonObject } from './json-object.ts';

const mostMessages = 2048;

/** Arguments are JSON inside a string; nothing at all is no arguments. */
const callArguments = z
  .string('expected the arguments as a string of JSON')
  .transform((text, context): JsonObject => {
    const parsed = jsonObject.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'expected a string with a JSON object' });
    return z.NEVER;
  });

const toolCall = z
  .looseObject({
    id: z.string().nullish(),
    function: z.looseObject({ name: z.string().min(1), arguments: callArguments }),
  })
  .transform(
    ({ id, function: { name, arguments: given } }): ToolCall => ({
      ...(id && { id }),
      name,
      arguments: given,
    }),
  );

const wireMessage = z.discriminatedUnion(
  'role',
  [
    z.looseObject({ role: z.enum(['system', 'developer']), content: textContent }),
    z.looseObject({ role: z.literal('user'), content: userContent }),
    z.looseObject({
      role: z.literal('assistant'),
      content: textContent,
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
      tool_calls: z.array(toolCall).nullish(),
    }),
    z.looseObject({
      role: z.enum(['tool', 'function']),
      content: textContent,
      tool_call_id: z.string().nullish(),
      name: z.string().nullish(),
    }),
  ],
  { error: 'expected one of "system", "developer", "user", "assistant", "tool"' },
);

type WireMessage = z.output<typeof wireMessage>;

/** The conversation, in the engine's words. */
export const messages = z
  .array(wireMessage, 'expected a list of chat messages')
  .min(1, 'expected at least one message')
  .max(mostMessages, `expected at most ${mostMessages} messages`)
  .transform((list): ChatMessage[] => {
    const names = new Map<string, string>();
    return list.map((message) => chatMessage(message, names));
  });

/** `names`: which tool each call so far was for; a result tells its call only. */
function chatMessage(message: WireMessage, names: Map<string, string>): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: message.content };
    case 'assistant': {
      const reasoning = message.reasoning_content || message.reasoning;
      const toolCalls = message.tool_calls ?? [];
      for (const { id, name } of toolCalls) if (id) names.set(id, name);
      return {
        role: 'assistant',
        content: message.content,
        ...(reasoning && { reasoning }),
        ...(toolCalls.length > 0 && { toolCalls }),
      };
    }
    case 'tool':
    case 'function': {
      const toolCallId = message.tool_call_id;
      const toolName = message.name || names.get(toolCallId ?? '');
      return {
        role: 'tool',
        content: message.content,
        ...(toolCallId && { toolCallId }),
        ...(toolName && { toolName }),
      };
    }
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
