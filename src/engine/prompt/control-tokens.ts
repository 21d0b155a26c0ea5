/**
 * Keeps the words of people from becoming control tokens: a message that contains `<|im_end|>` must
 * not end a turn. Each such word gets a cut into it before the template is rendered; the tokenizer
 * then encodes what stands on both sides of a cut apart, so that the token cannot form.
 */
import type { ChatMessage, JsonObject, Tool, ToolCall } from '../types.ts';
import type { Conversation } from './chat-format.ts';

/** Unicode's noncharacters: no text has them. */
const cuts = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i));

export class ControlTokens {
  readonly #pattern: RegExp | null;

  constructor(tokens: readonly string[]) {
    const escaped = tokens
      .filter((token) => token.length > 1)
      .sort((a, b) => b.length - a.length)
      .map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.#pattern = escaped.length > 0 ? new RegExp(escaped.join('|'), 'g') : null;
  }

  /** As `disarm`, of a text that stands for itself. */
  disarmText(text: string): { text: string; cut: string | null } {
    const pattern = this.#pattern;
    const cut = cuts.find((each) => !text.includes(each));
    if (pattern === null || cut === undefined || text.search(pattern) < 0) {
      return { text, cut: null };
    }
    return { text: text.replace(pattern, (token) => cutInto(token, cut)), cut };
  }

  /** The conversation with a cut in every control token that it contains; `cut` is null where it has none. */
  disarm(conversation: Conversation): { conversation: Conversation; cut: string | null } {
    const pattern = this.#pattern;
    if (pattern === null) return { conversation, cut: null };
    let found = false;
    const taken = new Set<string>();
    mapConversation(conversation, (text) => {
      found ||= text.search(pattern) >= 0;
      for (const [char] of text.matchAll(/[\uFDD0-\uFDEF]/g)) taken.add(char);
      return text;
    });
    const cut = cuts.find((each) => !taken.has(each));
    if (!found || cut === undefined) return { conversation, cut: null };
    const disarmed = mapConversation(conversation, (text) =>
      text.replace(pattern, (token) => cutInto(token, cut)),
    );
    return { conversation: disarmed, cut };
  }
}

function cutInto(token: string, cut: string): string {
  return token.charAt(0) + cut + token.slice(1);
}

type Change = (text: string) => string;

function mapConversation(conversation: Conversation, change: Change): Conversation {
  return {
    ...conversation,
    messages: conversation.messages.map((message) => mapMessage(message, change)),
    tools: conversation.tools.map((tool) => mapTool(tool, change)),
  };
}

function mapMessage(message: ChatMessage, change: Change): ChatMessage {
  switch (message.role) {
    case 'system':
      return { ...message, content: change(message.content) };
    case 'user': {
      const { content } = message;
      if (typeof content === 'string') return { ...message, content: change(content) };
      const parts = content.map((part) =>
        part.type === 'text' ? { ...part, text: change(part.text) } : part,
      );
      return { ...message, content: parts };
    }
    case 'assistant': {
      const mapped = { ...message, content: change(message.content) };
      if (message.reasoning !== undefined) mapped.reasoning = change(message.reasoning);
      if (message.toolCalls) {
        mapped.toolCalls = message.toolCalls.map((call) => mapCall(call, change));
      }
      return mapped;
    }
    case 'tool': {
      const mapped = { ...message, content: change(message.content) };
      if (message.toolName !== undefined) mapped.toolName = change(message.toolName);
      if (message.toolCallId !== undefined) mapped.toolCallId = change(message.toolCallId);
      return mapped;
    }
  }
}

function mapCall(call: ToolCall, change: Change): ToolCall {
  const mapped = { ...call, name: change(call.name), arguments: mapObject(call.arguments, change) };
  if (call.id !== undefined) mapped.id = change(call.id);
  return mapped;
}

function mapTool(tool: Tool, change: Change): Tool {
  const mapped = {
    ...tool,
    name: change(tool.name),
    parameters: mapObject(tool.parameters, change),
  };
  if (tool.description !== undefined) mapped.description = change(tool.description);
  return mapped;
}

function mapObject(object: JsonObject, change: Change): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [change(key), mapValue(value, change)]),
  );
}

function mapValue(value: unknown, change: Change): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each: unknown) => mapValue(each, change));
  if (typeof value === 'object' && value !== null) return mapObject({ ...value }, change);
  return value;
}
