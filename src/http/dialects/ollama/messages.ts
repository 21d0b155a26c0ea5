import * as z from 'zod';
import type { ChatMessage, Tool, ToolCall } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';
import { images } from './fields.ts';
import { imageParts } from './images.ts';

const text = z.string().nullish();
const object = z.record(z.string(), z.unknown());

const message = z.object({
  role: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['system', 'user', 'assistant', 'tool'])),
  content: text,
  thinking: text,
  images,
  tool_calls: z
    .array(z.object({ id: text, function: z.object({ name: z.string(), arguments: object }) }))
    .nullish(),
  tool_name: text,
  tool_call_id: text,
});

type Message = z.output<typeof message>;

export const messages = z.array(message).nullish();

export const tools = z
  .array(
    z.object({
      type: z.literal('function', 'expected "function"').nullish(),
      function: z.object({
        name: z.string().min(1),
        description: text,
        parameters: object.nullish(),
      }),
    }),
  )
  .nullish();

export function toolsOf(given: z.output<typeof tools>): Tool[] {
  return (given ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(description && { description }),
  }));
}

/**
 * The messages in the engine's terms. Home Assistant sends the results of tools with neither name
 * nor id: they belong to the calls before them in their order.
 */
export function chatMessages(given: readonly Message[]): ChatMessage[] {
  const open: ToolCall[] = [];
  return given.map((each, index) => {
    if (each.role === 'assistant') {
      const calls = callsOf(each, index);
      open.splice(0, open.length, ...calls);
      return assistantMessage(each, calls);
    }
    if (each.role === 'user') return userMessage(each.content ?? '', each.images);
    if (each.images?.length) {
      throw new ApplianceError(
        'invalid_request',
        `messages.${index}.images: only messages of the user can have images.`,
      );
    }
    if (each.role === 'system') return { role: 'system', content: each.content ?? '' };
    const call = answered(open, each);
    if (call) open.splice(open.indexOf(call), 1);
    return toolMessage(each, call);
  });
}

function assistantMessage(given: Message, calls: readonly ToolCall[]): ChatMessage {
  return {
    role: 'assistant',
    content: given.content ?? '',
    ...(given.thinking && { reasoning: given.thinking }),
    ...(calls.length > 0 && { toolCalls: calls }),
  };
}

function toolMessage(given: Message, call: ToolCall | undefined): ChatMessage {
  const toolName = given.tool_name || call?.name;
  const toolCallId = given.tool_call_id || call?.id;
  return {
    role: 'tool',
    content: given.content ?? '',
    ...(toolName && { toolName }),
    ...(toolCallId && { toolCallId }),
  };
}

export function userMessage(
  content: string,
  given: readonly string[] | null | undefined,
): ChatMessage {
  const parts = imageParts(given);
  if (parts.length === 0) return { role: 'user', content };
  return { role: 'user', content: [...parts, { type: 'text', text: content }] };
}

/** A call that came without an id gets one, the same each time that it is sent. */
function callsOf({ tool_calls }: Message, at: number): ToolCall[] {
  return (tool_calls ?? []).map(({ id, function: { name, arguments: given } }, index) => ({
    id: id || `call_${at}_${index}`,
    name,
    arguments: given,
  }));
}

function answered(
  open: readonly ToolCall[],
  { tool_call_id, tool_name }: Message,
): ToolCall | undefined {
  return (
    open.find(({ id }) => tool_call_id && id === tool_call_id) ??
    open.find(({ name }) => tool_name && name === tool_name) ??
    open[0]
  );
}
