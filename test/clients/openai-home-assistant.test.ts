import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chatChunks, chatCompletion, modelList, textOf } from '../http/dialects/openai/wire.ts';
import { expectFitting, intents, tasks } from './ai-tasks.ts';
import { OpenaiBoard } from './openai-board.ts';

/**
 * The requests of Home Assistant's `llama_cpp` integration, of three integrations of its community
 * store and of Open WebUI, in their order and with their fields, read from their sources in 2026.
 */

let server: OpenaiBoard;
beforeAll(async () => {
  // A house with 25 tools, in the simulator's small vocabulary.
  server = await OpenaiBoard.start({ RKLLAMA_CONTEXT_LENGTH: '32768' }, 32_768);
});
afterAll(() => server.stop());

const chat = (body: object) => server.board.post('/v1/chat/completions', body);
const whole = async (body: object) => chatCompletion.parse(await (await chat(body)).json());
const chunks = async (body: object) => chatChunks(await (await chat(body)).text());

const model = 'chat.rkllm';
const system = { role: 'system', content: 'You are a voice assistant for Home Assistant.' };
const tool = (name: string, parameters: object) => ({
  type: 'function',
  function: { name, description: 'A tool', parameters },
});
const weatherTool = tool('get_weather', {
  type: 'object',
  properties: { city: { description: 'no type' } },
});

/** Home Assistant's reader of a stream: one call per chunk, and nothing after the finish reason. */
function readAsHomeAssistant(stream: Awaited<ReturnType<typeof chunks>>) {
  let text = '';
  const calls: { name: string; arguments: unknown; id: string }[] = [];
  for (const { choices } of stream) {
    const [choice] = choices;
    if (!choice) continue;
    if (choice.finish_reason) return { text, calls, finishReason: choice.finish_reason };
    text += choice.delta.content ?? '';
    const [call] = choice.delta.tool_calls ?? [];
    if (call) {
      calls.push({
        id: call.id,
        name: call.function.name,
        arguments: JSON.parse(call.function.arguments),
      });
    }
  }
  throw new Error('a stream without finish reason');
}

describe('Home Assistant’s llama_cpp', () => {
  const turn = {
    model,
    tools: [weatherTool],
    max_tokens: 3000,
    top_p: 1.0,
    temperature: 0.7,
    user: '01JZ0000000000000000000000',
    stream: true,
  };

  it('is set up: models, then a probe of three tokens in both modes', async () => {
    const list = modelList.parse(await (await server.board.get('/v1/models')).json());
    expect(list.data.map(({ id }) => id)).toContain(model);
    const probe = {
      model,
      messages: [system, { role: 'user', content: 'how are you?' }],
      tools: [tool('test_function', { type: 'object', properties: {} })],
      max_tokens: 3,
    };
    const { choices } = await whole({ ...probe, stream: false });
    expect(choices[0]).toMatchObject({
      message: { content: 'I am fine' },
      finish_reason: 'length',
    });
    expect(textOf(await chunks({ ...probe, stream: true }))).toBe('I am fine');
  });

  it('loses nothing of a text', async () => {
    const messages = [system, { role: 'user', content: 'how are you?' }];
    expect(readAsHomeAssistant(await chunks({ ...turn, messages }))).toEqual({
      text: 'I am fine.',
      calls: [],
      finishReason: 'stop',
    });
  });

  it('calls a tool and answers with its result', async () => {
    const messages: object[] = [system, { role: 'user', content: 'weather in Paris?' }];
    const asked = readAsHomeAssistant(await chunks({ ...turn, messages }));
    expect(asked).toMatchObject({
      calls: [{ name: 'get_weather', arguments: { city: 'Paris' } }],
      finishReason: 'tool_calls',
    });
    const [call] = asked.calls;
    const sent = { name: 'get_weather', arguments: JSON.stringify(call?.arguments) };
    messages.push(
      {
        role: 'assistant',
        content: asked.text,
        tool_calls: [{ id: call?.id, type: 'function', function: sent }],
      },
      { role: 'tool', tool_call_id: call?.id, content: '{"data":"18 degrees","error":false}' },
    );
    const told = readAsHomeAssistant(await chunks({ ...turn, messages }));
    expect(told.text).toBe('It is 18 degrees in Paris.');
  });

  it('runs each of two calls', async () => {
    const messages = [system, { role: 'user', content: 'weather and time?' }];
    const tools = [weatherTool, tool('get_time', { type: 'object', properties: {} })];
    const { calls } = readAsHomeAssistant(await chunks({ ...turn, tools, messages }));
    expect(calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  it('reads the message of an error object', async () => {
    const answer = await chat({ ...turn, model: 'gone', messages: [system] });
    expect(answer.status).toBe(404);
    const { error } = z
      .object({ error: z.object({ message: z.string() }) })
      .parse(await answer.json());
    expect(error.message).toContain('gone');
  });
});

describe('the integrations of its community store', () => {
  it('local_openai: content in parts, one call at a time, thoughts apart', async () => {
    const content = [{ type: 'text', text: 'think hard' }];
    const stream = await chunks({
      model,
      messages: [system, { role: 'user', content }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.6,
      parallel_tool_calls: false,
      chat_template_kwargs: { enable_thinking: true },
      id_slot: 1,
      metadata: { a: 'b' },
    });
    expect(textOf(stream)).toBe('Four.');
    const thoughts = stream.map(({ choices }) => choices[0]?.delta.reasoning_content ?? '');
    expect(thoughts.join('')).toBe('Two and two.');
    expect(stream.at(-1)?.timings?.predicted_n).toBe(6);
  });

  it('home-llm: every line is data, every call is whole', async () => {
    const body = { model, max_tokens: 512, stream: true, tools: [weatherTool] };
    const answer = await chat({
      ...body,
      messages: [{ role: 'user', content: 'weather in Paris' }],
    });
    const lines = (await answer.text()).split('\n').filter(Boolean);
    const calls: unknown[] = [];
    for (const line of lines) {
      if (line.includes('[DONE]')) break;
      const chunk = JSON.parse(line.replace(/^data: /, ''));
      expect(chunk.object).toBe('chat.completion.chunk');
      for (const call of chunk.choices[0].delta.tool_calls ?? []) {
        calls.push(JSON.parse(call.function.arguments));
      }
    }
    expect(calls).toEqual([{ city: 'Paris' }]);
  });

  it('extended_openai_conversation: whole answers with counts', async () => {
    const { choices, usage } = await whole({
      model,
      messages: [system, { role: 'user', content: 'weather in Paris' }],
      tools: [weatherTool],
      tool_choice: 'auto',
      max_tokens: 150,
      user: 'conversation',
    });
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    const plain = await whole({ model, messages: [{ role: 'user', content: 'how are you?' }] });
    expect(plain.choices[0]?.message).not.toHaveProperty('tool_calls');
  });
});

describe('guaranteed JSON', () => {
  const messages = [system, { role: 'user', content: 'Fill it in.' }];
  const structured = (schema: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'task', strict: true, schema } },
  });

  it.each(tasks)('of a structure fits: %s', async (_, schema) => {
    const body = { model, messages, ...structured(schema), max_tokens: 400 };
    const { choices } = await whole(body);
    expectFitting(schema, choices[0]?.message.content ?? '');
    const streamed = await chunks({ ...body, stream: true });
    expectFitting(schema, textOf(streamed));
    expect(readAsHomeAssistant(streamed).calls).toEqual([]);
  });

  it('of a call fits, whichever of 25 tools it is', async () => {
    const forced = { model, messages, tools: intents, max_tokens: 200 };
    const answers = [
      await chunks({ ...forced, stream: true, tool_choice: 'required' }),
      ...(await Promise.all(
        [0, 7].map((index) =>
          chunks({
            ...forced,
            stream: true,
            tool_choice: { type: 'function', function: { name: `HassIntent${index}` } },
          }),
        ),
      )),
    ];
    const calls = answers.map((answer) => readAsHomeAssistant(answer).calls[0]);
    expect(calls.slice(1).map((call) => call?.name)).toEqual(['HassIntent0', 'HassIntent7']);
    for (const call of calls) {
      const intent = intents.find(({ function: { name } }) => name === call?.name);
      expectFitting(intent?.function.parameters ?? { not: {} }, JSON.stringify(call?.arguments));
    }
  });

  it('says what it took', async () => {
    const [, schema] = tasks[0] ?? ['', {}];
    const answer = await whole({ model, messages, ...structured(schema) });
    expect(answer.guided).toMatchObject({ forced_n: expect.any(Number) });
    expect(answer.usage.completion_tokens).toBeGreaterThanOrEqual(answer.guided?.forced_n ?? 1e9);
  });
});

describe('Open WebUI', () => {
  it('tells a stream from an answer by its Content-Type', async () => {
    const messages = [{ role: 'user', content: 'how are you?' }];
    const types = await Promise.all(
      [
        { model, messages, stream: true },
        { model, messages },
        { model: 'gone', messages, stream: true },
      ].map(async (body) => (await chat(body)).headers.get('content-type')),
    );
    expect(types).toEqual([
      'text/event-stream; charset=utf-8',
      'application/json; charset=utf-8',
      'application/json; charset=utf-8',
    ]);
  });
});
