/** What clients ask over a day, in a few hundred requests. The model says every question again. */
import type { ChatMessage, Tool } from '../../src/engine/index.ts';

export interface Step {
  messages: readonly ChatMessage[];
  tools: readonly Tool[];
  answer: string;
  /** The daemon is started again before it. */
  restart: boolean;
}

const words =
  'the light in the kitchen is on and the door of the garage was open when the rain began to fall';

/** A text of so many words that begins like no other. */
function prose(seed: string, count: number): string {
  const list = words.split(' ');
  return Array.from({ length: count }, (_, index) =>
    index % 7 === 0 ? `${seed}${index}` : list[index % list.length],
  ).join(' ');
}

/** A client that sends back what was said. */
class Talk {
  readonly #messages: ChatMessage[];
  readonly #tools: readonly Tool[];

  constructor(system: string, tools: readonly Tool[] = []) {
    this.#messages = [{ role: 'system', content: system }];
    this.#tools = tools;
  }

  say(question: string, restart = false): Step {
    this.#messages.push({ role: 'user', content: question });
    const step = { messages: [...this.#messages], tools: this.#tools, answer: question, restart };
    this.#messages.push({ role: 'assistant', content: question });
    return step;
  }
}

/** About 1,000 tokens of functions. */
const homeTools: readonly Tool[] = Array.from({ length: 12 }, (_, index) => ({
  name: `HassIntent${index}`,
  description: prose(`intent${index}`, 20),
  parameters: {
    type: 'object',
    properties: { name: { type: 'string' }, area: { type: 'string' } },
  },
}));

function oneLongConversation(): Step[] {
  const talk = new Talk(prose('long', 150));
  return Array.from({ length: 24 }, (_, turn) =>
    talk.say(prose(`q${turn}`, 12), turn === 8 || turn === 16),
  );
}

function twoAlternating(): Step[] {
  const talks = [new Talk(prose('left', 300)), new Talk(prose('right', 300))];
  return Array.from({ length: 12 }, (_, turn) =>
    talks.map((talk, index) => talk.say(prose(`t${turn}`, 12), turn === 6 && index === 0)),
  ).flat();
}

/** Typed and spoken sentences: each has its own prompt, and a conversation ends after five minutes. */
function homeAssistant(): Step[] {
  const common = prose('home', 150);
  const typed = () => new Talk(`${common} ${prose('typed', 20)}`, homeTools);
  const spoken = () => new Talk(`${common} ${prose('satellite', 20)}`, homeTools);
  const kinds = [typed, typed, spoken, typed, spoken, spoken, typed, spoken, typed, typed];
  return [...kinds, ...kinds].flatMap((begin, index) => {
    const talk = begin();
    return Array.from({ length: 1 + (index % 3) }, (_, turn) =>
      talk.say(prose(`c${index}t${turn}`, 6), turn === 0 && (index === 7 || index === 13)),
    );
  });
}

/** Long results of tools go in; now and then the client asks for a title. */
function agent(): Step[] {
  const talk = new Talk(prose('agent', 200), homeTools);
  return Array.from({ length: 16 }, (_, turn) => {
    const step = talk.say(prose(`result${turn}`, 60), turn === 9);
    return turn % 5 === 4
      ? [step, new Talk('Give a title.').say(prose(`title${turn}`, 8))]
      : [step];
  }).flat();
}

export const traces: Readonly<Record<string, readonly Step[]>> = {
  'one long conversation': oneLongConversation(),
  'two alternating': twoAlternating(),
  'Home Assistant': homeAssistant(),
  agent: agent(),
};
