import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Board } from '../e2e/board.ts';
import { expectFitting, tasks } from './ai-tasks.ts';
import { plain, qwen, startBoard, thinker } from './ollama-board.ts';
import * as wire from './ollama-wire.ts';

/**
 * The exact requests of Home Assistant's `ollama` integration, as ollama-python sends them, and
 * what was measured to break it.
 */

let board: Board;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ board, stop } = await startBoard({ RKLLM_SIM_DECODE_MS: '2', RKLLM_SIM_LOAD_MS: '300' }));
});
afterAll(() => stop?.());

const system = { role: 'system', content: 'You are a voice assistant for Home Assistant.' };
const user = (content: string) => ({ role: 'user', content });

/** Stripped by ollama-python: a property may have no type, and no limits are left. */
const tool = (name: string) => ({
  type: 'function',
  function: {
    name,
    description: 'Turns on a device',
    parameters: {
      type: 'object',
      required: [],
      properties: {
        area: { description: 'where' },
        brightness: { type: 'integer' },
        nested: { type: 'object' },
      },
    },
  },
});
const tools = ['HassTurnOn', ...Array.from({ length: 24 }, (_, index) => `Tool${index}`)].map(tool);

/** A turn of a conversation: always a stream, always with `num_ctx`, `keep_alive` and `think`. */
function turn(messages: readonly object[], more: object = {}): Promise<Response> {
  return board.post('/api/chat', {
    model: qwen,
    messages,
    tools: [],
    stream: true,
    options: { num_ctx: 8192 },
    keep_alive: -1,
    think: false,
    ...more,
  });
}

async function refusal(response: Response): Promise<[number, string]> {
  expect(response.headers.get('content-type')).toContain('application/json');
  return [response.status, wire.failure.parse(await response.json()).error];
}

describe('its set-up', () => {
  it('lists the models while one loads and while one generates', async () => {
    const generating = turn([user('for ever')], { options: { num_predict: 150 } });
    const tags = async () => wire.tags.parse(await (await board.get('/api/tags')).json());
    expect((await tags()).models.map(({ model }) => model)).toContain(qwen);
    const response = await generating;
    expect((await tags()).models).toHaveLength(3);
    await response.text();
  });

  it.each(['llama3.2:latest', 'nobody'])('is told that it cannot pull %s', async (model) => {
    const pull = { model, stream: false, insecure: false };
    const [status, error] = await refusal(await board.post('/api/pull', pull));
    expect(status).toBe(400);
    expect(error).toContain(`"${model}" is not a model reference`);
  });

  it('may pull what is there', async () => {
    const response = await board.post('/api/pull', { model: qwen, stream: false });
    expect(await response.json()).toEqual({ status: 'success' });
  });
});

describe('a sentence', () => {
  it('is answered in lines that ollama-python accepts', async () => {
    const { content, last } = await wire.chatStream(await turn([system, user('how are you?')]));
    expect(content).toBe('I am fine.');
    expect(last).toMatchObject({ model: qwen, done_reason: 'stop' });
  });

  it('leads to calls, whole and in lines of their own, and on to the answer', async () => {
    const asked = [system, user('Turn on the lights in the kitchen and the hall')];
    const first = await wire.chatStream(await turn(asked, { tools }));
    expect(first.calls.map((call) => call.function)).toEqual([
      { index: 0, name: 'HassTurnOn', arguments: { area: 'Küche', nested: { a: [1, 'ü'] } } },
      { index: 1, name: 'HassTurnOn', arguments: { area: 'Hall' } },
    ]);
    expect(new Set(first.calls.map(({ id }) => id)).size).toBe(2);
    for (const { tool_calls, content } of first.messages) if (tool_calls) expect(content).toBe('');
    expect(first.content).toMatch(/^Let me see\./);
    expect(first.last.done_reason).toBe('stop');

    // No content beside the calls, neither name nor id on the results.
    const tool_calls = first.calls.map(({ function: { name, arguments: given } }) => ({
      function: { name, arguments: given },
    }));
    const results = [
      { role: 'tool', content: '{"data": {}, "error": false}' },
      { role: 'tool', content: '{"data": {"state": "are on now"}, "error": false}' },
    ];
    const history = [...asked, { role: 'assistant', tool_calls }, ...results];
    const second = await wire.chatStream(await turn(history, { tools }));
    expect(second.content).toBe('The lights are on.');
    expect(second.calls).toEqual([]);
  });

  it('may take ten rounds', async () => {
    const few = tools.slice(0, 3);
    const history: object[] = [system, user('Turn on the lights in the kitchen and the hall')];
    for (let round = 0; round < 10; round++) {
      const { calls } = await wire.chatStream(await turn(history, { tools: few }));
      expect(calls).toHaveLength(2);
      const tool_calls = calls.map((call) => ({ function: call.function }));
      history.push({ role: 'assistant', tool_calls });
      for (const _ of calls) history.push({ role: 'tool', content: '{"error": false}' });
    }
  });

  it('fits into whatever context was set', async () => {
    const long = user('blah '.repeat(6000));
    const messages = [system, long, { role: 'assistant', content: 'Yes.' }, user('how are you?')];
    for (const num_ctx of [2048, 8192, 131_072]) {
      const { content, last } = await wire.chatStream(
        await turn(messages, { model: plain, options: { num_ctx } }),
      );
      expect(content).toBe('I am fine.');
      expect(last.prompt_eval_count).toBeLessThan(200);
    }
  });

  it.each([
    [thinker, true, 'Easy.'],
    [thinker, 'low', 'Easy.'],
    [thinker, undefined, 'Easy.'],
    [thinker, false, ''],
    [plain, false, ''],
  ])('of %s with think %s has no thought in its text', async (model, think, thinking) => {
    const response = await turn([user('What is the capital?')], { model, think });
    const answer = await wire.chatStream(response);
    expect(answer.content).toBe('Paris.');
    expect(answer.thinking).toBe(thinking);
  });

  it('that nobody waits for any more is not answered to its end', async () => {
    const leaving = new AbortController();
    const body = { model: qwen, messages: [user('for ever')], options: { num_predict: -1 } };
    const response = await board.post('/api/chat', body, leaving.signal);
    await response.body?.getReader().read();
    leaving.abort();
    const { content } = await wire.chatStream(await turn([user('how are you?')]));
    expect(content).toBe('I am fine.');
  });

  it('is refused in words, before the first line, with its status', async () => {
    expect(await refusal(await turn([user('x')], { model: 'gone' }))).toEqual([
      404,
      "model 'gone' not found",
    ]);
    expect(await refusal(await turn([user('x')], { model: plain, tools }))).toEqual([
      400,
      `"${plain}" does not support tools`,
    ]);
    expect(await refusal(await turn([user('x')], { options: { temperature: 'hot' } }))).toEqual([
      400,
      'options.temperature: expected number, received string',
    ]);
  });
});

describe('an AI task', () => {
  /** The text of all lines, which Home Assistant parses as a whole. */
  async function generated(more: object): Promise<string> {
    const response = await turn([system, user('Fill it in.')], more);
    expect(response.status).toBe(200);
    const lines = (await response.text()).trim().split('\n');
    wire.chatEnd.parse(JSON.parse(lines.pop() ?? ''));
    return lines.map((line) => wire.chatLine.parse(JSON.parse(line)).message.content).join('');
  }

  const options = { num_ctx: 8192, num_predict: 400 };

  it.each(tasks)('with a structure gives what fits: %s', async (_, format) => {
    expectFitting(format, await generated({ format, options }));
  });

  it('gives it on a model that thinks, and without its thoughts', async () => {
    const [, format] = tasks.at(-1) ?? ['', {}];
    for (const think of [true, false]) {
      expectFitting(format, await generated({ format, options, think, model: thinker }));
    }
  });

  it('with tools besides gives what fits where none is called', async () => {
    const [, format] = tasks[0] ?? ['', {}];
    expectFitting(format, await generated({ format, options, tools }));
  });

  it('with a structure that cannot be is told which part of it', async () => {
    const format = {
      type: 'object',
      properties: { n: { type: 'integer', minimum: 2, maximum: 1 } },
      required: ['n'],
    };
    const [status, error] = await refusal(await turn([user('x')], { format }));
    expect(status).toBe(400);
    expect(error).toMatch(/\/properties\/n/);
  });
});

describe('keep_alive', () => {
  it.each([
    [-1, null],
    ['-1s', null],
    ['300s', 300],
    ['5m', 300],
    [90.5, 90.5],
  ])('%j counts from the answer on', async (keep_alive, seconds) => {
    await (await turn([user('how are you?')], { keep_alive })).text();
    await expect
      .poll(async () => {
        const { models } = wire.ps.parse(await (await board.get('/api/ps')).json());
        const expiresAt = models.find(({ name }) => name === qwen)?.expires_at;
        const left = (new Date(String(expiresAt)).getTime() - Date.now()) / 1000;
        return seconds === null ? left > 1e9 : Math.abs(left - seconds) < 10;
      })
      .toBe(true);
  });

  it.each(['0s', 0])('%j unloads the model after the answer', async (keep_alive) => {
    await (await turn([user('how are you?')], { keep_alive })).text();
    await expect
      .poll(async () => {
        const { models } = wire.ps.parse(await (await board.get('/api/ps')).json());
        return models.map(({ name }) => name);
      })
      .not.toContain(qwen);
  });

  it('that is none is refused', async () => {
    const [status, error] = await refusal(await turn([user('x')], { keep_alive: 'abc' }));
    expect(status).toBe(400);
    expect(error).toContain('keep_alive cannot be "abc"');
  });
});
