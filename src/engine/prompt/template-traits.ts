/** Finds out what a template can do by rendering small conversations with it. */
import type { ChatMessage, Tool } from '../types.ts';
import {
  type CallStyle,
  type TemplateTraits,
  templateMessages,
  templateTools,
} from './template-messages.ts';

/** Renders with the template in question; `tools` null leaves the variable out. */
type TryOut = (messages: object[], tools: object[] | null) => string;

const question: ChatMessage = { role: 'user', content: 'probe-question' };
const answer: ChatMessage = { role: 'assistant', content: 'probe-answer' };
const system: ChatMessage = { role: 'system', content: 'probe-system' };
const tool: Tool = {
  name: 'probe_tool',
  description: 'A probe.',
  parameters: { type: 'object', properties: {} },
};
const calling: ChatMessage = {
  role: 'assistant',
  content: '',
  toolCalls: [{ id: 'probe0001', name: 'probe_call', arguments: { probe_key: 1 } }],
};
const styles: readonly CallStyle[] = [
  { arguments: 'object', empty: '' },
  { arguments: 'object', empty: null },
  { arguments: 'text', empty: '' },
  { arguments: 'text', empty: null },
];
const plain: CallStyle = { arguments: 'object', empty: '' };

/** Throws what the template throws when it cannot even render a question. */
export function traitsOf(source: string, tryOut: TryOut): TemplateTraits {
  const shape = (messages: readonly ChatMessage[], calls = plain) =>
    templateMessages(messages, { system: true, calls });
  const first = tryOut(shape([question]), null);
  if (!first.includes('probe-question')) throw new Error('it leaves the question out');
  const shows = (needle: string, messages: object[], tools: object[] | null = null) => {
    try {
      return tryOut(messages, tools).includes(needle);
    } catch {
      return false;
    }
  };
  const called = [question, calling];
  return {
    system: shows('probe-system', shape([system, question, answer, question])),
    tools: shows(tool.name, shape([question]), templateTools([tool])),
    vision: /['"]image(?:_url)?['"]/.test(source),
    thinking: /think>|\[THINK\]|enable_thinking|reasoning_content|reasoning_effort/.test(source),
    calls:
      styles.find((style) => shows('"probe_key"', shape(called, style), templateTools([tool]))) ??
      plain,
  };
}
