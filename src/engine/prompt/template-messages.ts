/** Messages and tools in the shape that chat templates know from Hugging Face's transformers. */
import type { ChatMessage, Tool, ToolCall } from '../types.ts';

/** What a template can take; told by trying it out. */
export interface TemplateTraits {
  /** It has a place for a system message. */
  readonly system: boolean;
  /** It lists the tools. */
  readonly tools: boolean;
  /** It knows messages with images. */
  readonly vision: boolean;
  /** It knows thoughts: shows them, opens them, or has a switch for them. */
  readonly thinking: boolean;
  readonly calls: CallStyle;
}

/** How a template wants an assistant's message with tool calls. */
export interface CallStyle {
  /** Arguments as an object, or as JSON text. */
  readonly arguments: 'object' | 'text';
  /** What `content` is when the assistant said nothing else. */
  readonly empty: '' | null;
}

type TemplateMessage = Record<string, unknown>;

export function templateMessages(
  messages: readonly ChatMessage[],
  traits: Pick<TemplateTraits, 'system' | 'calls'>,
): TemplateMessage[] {
  const able = traits.system ? messages : withoutSystem(messages);
  return able.map((message) => templateMessage(message, traits.calls));
}

export function templateTools(tools: readonly Tool[]): object[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, ...(description === undefined ? {} : { description }), parameters },
  }));
}

/** The words of a message; parts that are no text are left out. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Characters in the words of messages: a measure of the work that they make. */
export function charactersIn(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + textOf(message).length, 0);
}

export function hasImages({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content.some(({ type }) => type === 'image');
}

function templateMessage(message: ChatMessage, calls: CallStyle): TemplateMessage {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: hasImages(message) ? parts(message) : textOf(message) };
    case 'assistant': {
      const { content, reasoning, toolCalls = [] } = message;
      const thoughts = reasoning ? { reasoning_content: reasoning, thinking: reasoning } : {};
      if (toolCalls.length === 0) return { role: 'assistant', content, ...thoughts };
      return {
        role: 'assistant',
        content: content === '' ? calls.empty : content,
        ...thoughts,
        tool_calls: toolCalls.map((call) => templateCall(call, calls)),
      };
    }
    case 'tool':
      return {
        role: 'tool',
        content: message.content,
        ...(message.toolName === undefined ? {} : { name: message.toolName }),
        ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
      };
  }
}

function templateCall(call: ToolCall, style: CallStyle): object {
  const given = style.arguments === 'object' ? call.arguments : JSON.stringify(call.arguments);
  return {
    ...(call.id === undefined ? {} : { id: call.id }),
    type: 'function',
    function: { name: call.name, arguments: given },
  };
}

/** Images by their place only: the bytes go another way. */
function parts({ content }: ChatMessage): object[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part) => (part.type === 'text' ? part : { type: 'image' }));
}

/** For a template that has no system role, the instructions open the next message of the user. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  let instructions = '';
  const rest: ChatMessage[] = [];
  for (const message of messages) {
    if (message.role === 'system') {
      instructions += `${message.content}\n\n`;
    } else if (message.role === 'user' && instructions !== '') {
      rest.push({ role: 'user', content: opened(message.content, instructions) });
      instructions = '';
    } else {
      rest.push(message);
    }
  }
  if (instructions !== '') rest.push({ role: 'user', content: instructions.trimEnd() });
  return rest;
}

function opened(
  content: (ChatMessage & { role: 'user' })['content'],
  instructions: string,
): (ChatMessage & { role: 'user' })['content'] {
  if (typeof content === 'string') return instructions + content;
  return [{ type: 'text', text: instructions }, ...content];
}
