import { describe, expect, it } from 'vitest';
import type { ModelFileSpec, ScriptRule } from '../../simulator/model-file.ts';
import type {
  ChatMessage,
  GenerationEvent,
  GenerationOptions,
  Tool,
  ToolCall,
} from '../../src/engine/index.ts';
import { simulator } from '../e2e/board.ts';
import { asking, Rig } from './rig.ts';

/** What becomes of what a model generates. */

const library = await simulator('1.3.1');

const text = 'the quick brown fox';
const call = [
  '<tool_call>',
  '\n{"name": "light", ',
  '"arguments": {"on": ',
  'true}}\n',
  '</tool_call>',
];
const script: ScriptRule[] = [
  { when: 'Call twice', tokens: ['I will. ', ...call, ...call] },
  { when: 'Call', tokens: call },
  { when: 'Think', tokens: ['<think>', 'Hm', ', so', '</think>', '\n\n', 'It', ' is', ' 4', '.'] },
  {
    when: 'Count',
    tokens: ['one', ' tw', 'o thr', 'ee', ' END', ' of', ' it'],
    finish: 'length-only',
  },
  { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
  { when: '', tokens: ['I', ' am', ' fine', '.'] },
];
const light: Tool = {
  name: 'light',
  description: 'Switches the light.',
  parameters: { type: 'object', properties: { on: { type: 'boolean' } } },
};

function start(spec: ModelFileSpec = {}, modelfile = '') {
  const whole: ModelFileSpec = { text, vocabSize: 400, script, ...spec };
  return Rig.start({
    library,
    models: { 'm/m.rkllm': whole },
    modelfiles: { 'm/Modelfile': modelfile },
    simulator: { RKLLM_SIM_DECODE_MS: '1' },
    contextLength: 2048,
  });
}

interface Seen {
  text: string;
  reasoning: string;
  calls: ToolCall[];
  done: Extract<GenerationEvent, { type: 'done' }>[];
  events: GenerationEvent[];
}

async function see(
  rig: Rig,
  question: string,
  { messages, ...more }: GenerationOptions & { messages?: ChatMessage[] } = {},
): Promise<Seen> {
  const seen: Seen = { text: '', reasoning: '', calls: [], done: [], events: [] };
  const { events } = await rig.generate({
    messages: messages ?? [{ role: 'user', content: question }],
    model: 'm',
    ...more,
  });
  for await (const event of flat(events)) {
    seen.events.push(event);
    if (event.type === 'tool_call') seen.calls.push(event.call);
    else if (event.type === 'done') seen.done.push(event);
    else seen[event.type] += event.text;
  }
  return seen;
}

async function* flat<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

describe.concurrent('a stop string', () => {
  it.each([
    ['in one token', ['END'], 'one two three '],
    ['over tokens', ['two th'], 'one '],
    ['over many tokens', ['e two three EN'], 'on'],
    ['the first of several', ['three', 'two', 'nothing'], 'one '],
  ])('%s ends the answer and the run, and is not seen', async (_, stop, expected) => {
    await using rig = await start();
    const { text: shown, done } = await see(rig, 'Count', { stop });
    expect(shown).toBe(expected);
    expect(done).toMatchObject([{ finishReason: 'stop' }]);
    expect(await rig.calls('rkllm_abort')).not.toEqual([]);
    expect((await see(rig, 'Hello')).text).toBe('I am fine.');
  });

  it('counts the tokens up to it, whatever the runtime did before it stopped', async () => {
    await using rig = await start();
    const { done } = await see(rig, 'Count', { stop: ['two'] });
    expect(done[0]?.usage.completionTokens).toBe(3);
  });

  it('that does not come is no loss to the text', async () => {
    await using rig = await start();
    expect((await see(rig, 'Hello', { stop: ['fine!', 'fine. '] })).text).toBe('I am fine.');
  });

  it('of the Modelfile counts besides those of the request', async () => {
    await using rig = await start({}, 'STOP="two"\n');
    expect((await see(rig, 'Count', { stop: ['three'] })).text).toBe('one ');
    expect((await see(rig, 'Count')).text).toBe('one ');
  });
});

describe.concurrent('a thought', () => {
  it('is apart from the answer, and its tokens are counted', async () => {
    await using rig = await start({ thinking: true, architecture: 'qwen3' });
    const seen = await see(rig, 'Think');
    expect(seen).toMatchObject({ text: 'It is 4.', reasoning: 'Hm, so', calls: [] });
    const { usage } = seen.done[0] ?? {};
    expect(usage?.completionTokens).toBe(9);
    expect(usage?.reasoningTokens).toBeGreaterThanOrEqual(2);
    expect(usage?.reasoningTokens).toBeLessThanOrEqual(5);
    const counted = seen.events.reduce(
      (sum, event) => sum + ('tokens' in event ? event.tokens : 0),
      0,
    );
    expect(counted).toBeLessThanOrEqual(9);
  });

  it('stays in a raw answer', async () => {
    await using rig = await start({ thinking: true, architecture: 'qwen3' });
    const raw = '<think>Hm, so</think>\n\nIt is 4.';
    expect(await see(rig, 'Think', { raw: true })).toMatchObject({ text: raw, reasoning: '' });
  });

  it('that is off is no part of the prompt', async () => {
    await using rig = await start({ thinking: true, architecture: 'qwen3' });
    await see(rig, 'Hello', { thinking: false });
    expect((await rig.prompts())[0]).toMatch(/<think>\n\n<\/think>\n\n$/);
  });
});

describe.concurrent('a call of a tool', () => {
  const wanted = { name: 'light', arguments: { on: true } };

  it('comes whole, and ends the answer as one', async () => {
    await using rig = await start();
    const seen = await see(rig, 'Call', { tools: [light] });
    expect(seen.calls).toEqual([expect.objectContaining(wanted)]);
    expect(seen.text.trim()).toBe('');
    expect(seen.done).toMatchObject([{ finishReason: 'tool_calls' }]);
    expect(String((await rig.prompts())[0])).toContain('Switches the light.');
  });

  it('may be one of several, with text before it', async () => {
    await using rig = await start();
    const seen = await see(rig, 'Call twice', { tools: [light] });
    expect(seen.calls).toMatchObject([wanted, wanted]);
    expect(seen.text.trim()).toBe('I will.');
  });

  it('that a client sends back with its result is written as it was generated', async () => {
    await using rig = await start();
    const { calls } = await see(rig, 'Call', { tools: [light] });
    await see(rig, '', {
      tools: [light],
      messages: [
        { role: 'user', content: 'Call' },
        { role: 'assistant', content: '', toolCalls: calls },
        { role: 'tool', content: 'done', toolName: 'light' },
      ],
    });
    const [first, second] = (await rig.prompts()).map(String);
    expect(second?.startsWith(`${first}${call.join('')}`)).toBe(true);
  });

  it.each<[string, GenerationOptions]>([
    ['a raw answer', { raw: true, tools: [light] }],
    ['an answer without tools', {}],
    ['an answer that may not call one', { tools: [light], toolChoice: 'none' }],
  ])('is text in %s', async (_, more) => {
    await using rig = await start();
    const seen = await see(rig, 'Call', more);
    expect(seen).toMatchObject({ text: call.join(''), calls: [] });
    expect(seen.done).toMatchObject([{ finishReason: 'stop' }]);
  });
});

describe.concurrent('a raw answer', () => {
  it('has one event per token', async () => {
    await using rig = await start();
    const { events } = await see(rig, 'Hello', { raw: true });
    const texts = events.filter(({ type }) => type === 'text');
    expect(texts).toMatchObject(
      ['I', ' am', ' fine', '.'].map((each) => ({ text: each, tokens: 1 })),
    );
  });

  it('with stop strings is as raw, up to them', async () => {
    await using rig = await start({ thinking: true, architecture: 'qwen3' });
    const seen = await see(rig, 'Think', { raw: true, stop: ['is'] });
    expect(seen).toMatchObject({ text: '<think>Hm, so</think>\n\nIt ', reasoning: '' });
    expect(seen.done).toMatchObject([{ finishReason: 'stop' }]);
    const called = await see(rig, 'Call', { raw: true, stop: ['nothing'], tools: [light] });
    expect(called).toMatchObject({ text: call.join(''), calls: [] });
  });
});

describe.concurrent('several answers', () => {
  it('come one after the other, each with its number and its end', async () => {
    await using rig = await start();
    const { events, done } = await see(rig, 'Hello', { choices: 3 });
    expect(done.map(({ choice, finishReason }) => [choice, finishReason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
      [2, 'stop'],
    ]);
    const texts = [0, 1, 2].map((choice) =>
      events
        .map((event) => (event.type === 'text' && event.choice === choice ? event.text : ''))
        .join(''),
    );
    expect(texts).toEqual(Array(3).fill('I am fine.'));
    expect(await rig.calls('rkllm_run')).toHaveLength(3);
  });

  it('end together when the client leaves', async () => {
    await using rig = await start();
    const { events } = await rig.generate({ ...asking('Go on for ever'), model: 'm', choices: 3 });
    for await (const _ of events) break;
    expect((await see(rig, 'Hello')).text).toBe('I am fine.');
    expect(await rig.calls('rkllm_run')).toHaveLength(2);
  });
});

describe.concurrent('an answer that repeats itself', () => {
  it('is ended where that is wished', async () => {
    await using rig = await start();
    const { done, text: shown } = await see(rig, 'Go on for ever', { stopOnRepetition: true });
    expect(done).toMatchObject([{ finishReason: 'stop' }]);
    expect(shown).toMatch(/^(on and )+/);
    expect(done[0]?.usage.completionTokens).toBeLessThan(1000);
  });
});
