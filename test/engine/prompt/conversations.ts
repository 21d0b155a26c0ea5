import type { ChatMessage, Tool } from '../../../src/engine/types.ts';

export const system = (content: string): ChatMessage => ({ role: 'system', content });
export const user = (content: string): ChatMessage => ({ role: 'user', content });
export const assistant = (content: string, reasoning?: string): ChatMessage => ({
  role: 'assistant',
  content,
  ...(reasoning === undefined ? {} : { reasoning }),
});
export const call = (name: string, args: Record<string, unknown>, content = ''): ChatMessage => ({
  role: 'assistant',
  content,
  toolCalls: [{ id: 'call00001', name, arguments: args }],
});
export const result = (content: string, toolName = 'get_weather'): ChatMessage => ({
  role: 'tool',
  content,
  toolName,
  toolCallId: 'call00001',
});

export const weather: Tool = {
  name: 'get_weather',
  description: 'The weather of a place — "now".',
  parameters: {
    type: 'object',
    properties: {
      place: { type: 'string', description: 'Für wo?' },
      unit: { type: 'string', enum: ['°C', '°F'] },
    },
    required: ['place'],
  },
};
const light: Tool = {
  name: 'set_light',
  description: 'Switches a light.',
  parameters: { type: 'object', properties: { on: { type: 'boolean' } } },
};

export interface Case {
  what: string;
  messages: ChatMessage[];
  tools?: Tool[];
}

/** Conversations of every kind that a client sends. */
export const conversations: Case[] = [
  { what: 'a question', messages: [user('Hi')] },
  { what: 'a question with a system message', messages: [system('Be brief.'), user('Hi')] },
  {
    what: 'a conversation',
    messages: [system('Be brief.'), user('Hi'), assistant('Hello.'), user('And now?')],
  },
  {
    what: 'ten turns',
    messages: [
      system('Be brief.'),
      ...Array.from({ length: 10 }, (_, i) => [user(`Q${i} 你好`), assistant(`A${i} 👍`)]).flat(),
      user('End'),
    ],
  },
  {
    what: 'an empty answer and signs of templates',
    messages: [user('{{ x }} {% if %} {# #}\n\n"q"'), assistant(''), user("it's <b>&amp;</b>")],
  },
];

export const withTools: Case[] = [
  { what: 'a tool', messages: [user('Weather?')], tools: [weather] },
  {
    what: 'two tools and a system message',
    messages: [system('Be brief.'), user('Weather?')],
    tools: [weather, light],
  },
  {
    what: 'a call and its result',
    messages: [
      system('Be brief.'),
      user('Weather in Köln?'),
      call('get_weather', { place: 'Köln', unit: '°C', days: [1, 2.5], deep: { a: null } }),
      result('{"t": 21}'),
    ],
    tools: [weather],
  },
  {
    what: 'a call, its result, the answer and another question',
    messages: [
      user('Weather?'),
      call('get_weather', { place: 'Bonn' }),
      result('{"t": 21}'),
      assistant('21 degrees.'),
      user('Thanks'),
    ],
    tools: [weather],
  },
];

export const withSeveralCalls: Case[] = [
  {
    what: 'words before a call, and two calls with two results',
    messages: [
      user('Both!'),
      {
        role: 'assistant',
        content: 'Let me see.',
        toolCalls: [
          { id: 'call00001', name: 'get_weather', arguments: { place: 'Bonn' } },
          { id: 'call00002', name: 'set_light', arguments: { on: true } },
        ],
      },
      result('21'),
      result('ok', 'set_light'),
    ],
    tools: [weather, light],
  },
];
