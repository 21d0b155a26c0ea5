import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GenerationEvent, GenerationRequest } from '../../../../src/engine/index.ts';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { done, type FakeServices, fakeServices, text } from '../../fakes.ts';
import { chatChunks, chatCompletion, completion, eventsOf, failure, textOf } from './wire.ts';

let services: FakeServices;
beforeEach(() => {
  services = fakeServices('model1.rkllm');
});

const hello = [{ role: 'user', content: 'Hello' }];
const url = '/v1/chat/completions';
const post = (body: object, path = url) => request(createApp(services)).post(path).send(body);
const call = (name: string): GenerationEvent => ({
  type: 'tool_call',
  choice: 0,
  call: { name, arguments: { a: 1 } },
  tokens: 1,
});
/** What the engine was asked, with the parts of `body` that matter. */
async function asked(body: object): Promise<GenerationRequest | undefined> {
  await post({ model: 'model1', messages: hello, ...body });
  return services.engine.requests.at(-1);
}

describe('a chat request', () => {
  it.each([
    [{ max_tokens: 5 }, { maxTokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { maxTokens: 7 }],
    [{ stop: 'x' }, { stop: ['x'] }],
    [{ stop: ['a', 'b', 'c', 'd', 'e', ''] }, { stop: ['a', 'b', 'c', 'd', 'e'] }],
    [{ n: 3 }, { choices: 3 }],
    [{ temperature: 0, top_p: 1 }, { sampling: { temperature: 0, topP: 1 } }],
    [{ top_k: -1, repetition_penalty: 1.1 }, { sampling: { repeatPenalty: 1.1 } }],
    [{ reasoning_effort: 'none' }, { thinking: false }],
    [{ reasoning_effort: 'minimal' }, { thinking: 'low' }],
    [{ reasoning: { effort: 'high' } }, { thinking: 'high' }],
    [{ chat_template_kwargs: { enable_thinking: false } }, { thinking: false }],
    [{ keep_alive: '5m' }, { keepAliveMs: 300_000 }],
    [{ keep_alive: -1 }, { keepAliveMs: Number.POSITIVE_INFINITY }],
    [{ truncation: 'disabled' }, { overflow: 'error' }],
    [{}, { overflow: 'truncate', client: '127.0.0.1', model: 'model1.rkllm' }],
  ])('with %j asks the engine for %j', async (body, wanted) => {
    expect(await asked(body)).toMatchObject(wanted);
  });

  it.each([
    [{ max_tokens: -1 }, 'maxTokens'],
    [{ stop: null, n: null, temperature: null }, 'stop'],
    [{ tools: [] }, 'tools'],
    [{ tools: null, tool_choice: null }, 'toolChoice'],
  ])('with %j leaves %s to the model', async (body, field) => {
    expect(await asked(body)).not.toHaveProperty(field);
  });

  it('carries tools, whatever their schemas leave out', async () => {
    const parameters = { type: 'object', properties: { domain: { description: 'd' } } };
    const tools = [
      { type: 'function', function: { name: 'a', description: 'does', parameters, strict: true } },
      { type: 'function', function: { name: 'b' } },
    ];
    expect(await asked({ tools, tool_choice: 'none' })).toMatchObject({
      tools: [
        { name: 'a', description: 'does', parameters },
        { name: 'b', parameters: { type: 'object', properties: {} } },
      ],
      toolChoice: 'none',
    });
  });

  const tools = ['light', 'lock'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: { type: 'object', properties: {} } },
  }));
  const named = (name: string) => ({ type: 'function', function: { name } });

  it.each([
    ['auto', ['light', 'lock'], undefined],
    ['none', ['light', 'lock'], 'none'],
    ['required', ['light', 'lock'], 'required'],
    ['any', ['light', 'lock'], 'required'],
    [named('lock'), ['light', 'lock'], { name: 'lock' }],
    [{ type: 'function', name: 'lock' }, ['light', 'lock'], { name: 'lock' }],
    [allowed('required'), ['lock'], 'required'],
    [allowed('auto'), ['lock'], 'auto'],
  ])('with the tool choice %j asks for that', async (choice, offered, wanted) => {
    const request = await asked({ tools, tool_choice: choice });
    expect(request?.tools?.map(({ name }) => name)).toEqual(offered);
    expect(request?.toolChoice).toEqual(wanted);
  });

  function allowed(mode: string) {
    return { type: 'allowed_tools', allowed_tools: { mode, tools: [named('lock')] } };
  }

  const schema = { type: 'object', properties: { on: { type: 'boolean' } } };
  const asSchema = { type: 'schema', schema };

  it.each([
    [{ response_format: { type: 'text' } }, undefined],
    [{ response_format: null, json_schema: null }, undefined],
    [{ response_format: { type: 'json_object' } }, { type: 'object' }],
    [{ response_format: { type: 'json_object', schema } }, asSchema],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } }, asSchema],
    [
      {
        response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
      },
      asSchema,
    ],
    [{ response_format: { type: 'json_schema', schema } }, asSchema],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'n' } } }, { type: 'object' }],
    [{ json_schema: schema }, asSchema],
    [{ guided_json: schema }, asSchema],
    [{ guided_json: JSON.stringify(schema) }, asSchema],
  ])('with %j asks for an answer of that form', async (body, wanted) => {
    expect((await asked(body))?.format).toEqual(wanted);
  });

  it('without a model asks the one that was loaded last, or the first there is of a list', async () => {
    await post({ messages: hello }).expect(200);
    await post({ messages: hello, models: ['gone', 'model2'], route: 'fallback' }).expect(200);
    expect(services.engine.requests.map(({ model }) => model)).toEqual([
      'model1.rkllm',
      'model2.rkllm',
    ]);
  });
});

describe('an answer', () => {
  it('is a chat completion', async () => {
    const { body } = await post({ model: 'model1', messages: hello }).expect(200);
    expect(chatCompletion.parse(body)).toMatchObject({
      model: 'model1.rkllm',
      system_fingerprint: 'fp_rkllm_1.3.1',
      choices: [{ message: { content: 'Hello!' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
      timings: { predicted_n: 3, predicted_ms: 150, predicted_per_second: 20 },
    });
    expect(body.usage).not.toHaveProperty('prompt_tokens_details');
  });

  it('counts a prompt once and every choice', async () => {
    services.engine.answer = async function* () {
      for (const choice of [0, 1]) {
        const usage = {
          promptTokens: 12,
          cachedTokens: choice * 12,
          completionTokens: 3,
          reasoningTokens: 1,
        };
        yield [
          { ...text(`answer ${choice}`), choice },
          { ...done({ usage }), choice },
        ];
      }
    };
    const { body } = await post({ model: 'model1', messages: hello, n: 2 }).expect(200);
    expect(chatCompletion.parse(body)).toMatchObject({
      choices: [
        { index: 0, message: { content: 'answer 0' } },
        { index: 1, message: { content: 'answer 1' } },
      ],
      usage: {
        prompt_tokens: 12,
        completion_tokens: 6,
        total_tokens: 18,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      timings: { cache_n: 12, prompt_n: 12 },
    });
  });

  it('with calls has no content, and at most one where the client cannot take more', async () => {
    services.engine.answer = async function* () {
      yield [call('a'), call('b'), done({ finishReason: 'tool_calls' })];
    };
    const body = { model: 'model1', messages: hello };
    const whole = chatCompletion.parse((await post(body)).body).choices[0];
    expect(whole).toMatchObject({ message: { content: null }, finish_reason: 'tool_calls' });
    expect(whole?.message.tool_calls?.map((each) => each.function)).toEqual([
      { name: 'a', arguments: '{"a":1}' },
      { name: 'b', arguments: '{"a":1}' },
    ]);
    const one = await post({ ...body, parallel_tool_calls: false });
    expect(chatCompletion.parse(one.body).choices[0]?.message.tool_calls).toHaveLength(1);
    const streamed = await post({ ...body, parallel_tool_calls: false, stream: true });
    expect(chatChunks(streamed.text)).toHaveLength(3);
  });

  it('that was cut by an unload has finish reason length', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel'), done({ finishReason: 'abort' })];
    };
    const { body } = await post({ model: 'model1', messages: hello });
    expect(body.choices[0].finish_reason).toBe('length');
  });

  it('tells how many messages were left out', async () => {
    services.engine.answer = async function* () {
      yield [text('Hi'), done({ droppedMessages: 4 })];
    };
    const body = { model: 'model1', messages: hello };
    expect(chatCompletion.parse((await post(body)).body).dropped_messages).toBe(4);
    const chunks = chatChunks((await post({ ...body, stream: true })).text);
    expect(chunks.at(-1)?.dropped_messages).toBe(4);
  });

  it('to a prompt on the chat route has text and no message', async () => {
    const { body } = await post({ model: 'model1', prompt: 'Hi' }, '/api/v1/chat/completions');
    expect(body).toMatchObject({
      object: 'chat.completion',
      choices: [{ text: 'Hello!', finish_reason: 'stop' }],
    });
    const streamed = await post({ model: 'model1', prompt: 'Hi', stream: true });
    expect(eventsOf(streamed.text)).toHaveLength(4);
    expect(services.engine.requests[0]?.messages).toEqual([{ role: 'user', content: 'Hi' }]);
  });

  it('names the fields that had no effect', async () => {
    services.engine.unsupported = ['topK', 'seed'];
    await post({ model: 'model1', messages: hello, top_k: 5, seed: 1, min_p: 0.1 })
      .expect(200)
      .expect('X-Rkllama-Unsupported', 'top_k, seed, min_p');
  });
});

describe('a stream', () => {
  const streamed = (body: object = {}) =>
    post({ model: 'model1', messages: hello, stream: true, ...body });

  it('is made of server-sent events, with the usage last where it was asked for', async () => {
    const plain = await streamed()
      .expect(200)
      .expect('Content-Type', /^text\/event-stream/);
    const chunks = chatChunks(plain.text);
    expect(textOf(chunks)).toBe('Hello!');
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true);
    const counted = chatChunks((await streamed({ stream_options: { include_usage: true } })).text);
    const last = counted.pop();
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: 15 } });
    expect(counted.every(({ usage }) => usage === null)).toBe(true);
  });

  it('has thoughts apart from the text', async () => {
    services.engine.answer = async function* () {
      yield [{ type: 'reasoning', choice: 0, text: 'Hm.', tokens: 1 }, text('Yes'), done()];
    };
    const chunks = chatChunks((await streamed()).text);
    expect(chunks[1]?.choices[0]?.delta).toEqual({ reasoning_content: 'Hm.' });
    expect(textOf(chunks)).toBe('Yes');
  });

  it('that waits sends chunks that add nothing', async () => {
    services.engine.answer = async function* () {
      await new Promise((resolve) => setTimeout(resolve, 400));
      yield [text('late'), done()];
    };
    const app = createApp(services, { keepAliveMs: 20 });
    const answer = await request(app)
      .post(url)
      .send({ model: 'model1', messages: hello, stream: true });
    const chunks = chatChunks(answer.text);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks[1]?.choices[0]?.delta).toEqual({ content: '' });
    expect(textOf(chunks)).toBe('late');
  });

  it('that fails before its first byte is an error with its own status', async () => {
    services.engine.answer = async function* () {
      yield [];
      throw new ApplianceError('context_length_exceeded', 'Too long.');
    };
    const answer = await streamed().expect(400).expect('Content-Type', /json/);
    expect(failure.parse(answer.body).error.code).toBe('context_length_exceeded');
  });

  it('that fails on its way ends with an error', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel')];
      throw new ApplianceError('runtime_crashed', 'It crashed.');
    };
    const { text: body } = await streamed().expect(200);
    const last = body.trimEnd().split('\n\n').at(-1) ?? '';
    expect(failure.parse(JSON.parse(last.replace('data: ', ''))).error).toEqual({
      message: 'It crashed.',
      type: 'server_error',
      param: null,
      code: 'runtime_crashed',
    });
    expect(body).not.toContain('[DONE]');
  });
});

describe('completions', () => {
  it('answer each prompt', async () => {
    const { body } = await post({ model: 'model1', prompt: ['a', 'b'] }, '/v1/completions');
    expect(completion.parse(body)).toMatchObject({
      choices: [
        { text: 'Hello!', index: 0, finish_reason: 'stop' },
        { text: 'Hello!', index: 1, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 24, completion_tokens: 6, total_tokens: 30 },
    });
    expect(services.engine.requests[1]).toMatchObject({ prompt: 'b' });
    expect(services.engine.requests[1]).not.toHaveProperty('messages');
  });

  it('repeat their prompts where they are asked to', async () => {
    const { body } = await post(
      { model: 'model1', prompt: ['a ', 'b '], echo: true },
      '/v1/completions',
    );
    expect(completion.parse(body).choices.map(({ text: each }) => each)).toEqual([
      'a Hello!',
      'b Hello!',
    ]);
  });

  it('are streamed in the same shape', async () => {
    const { text: body } = await post(
      { model: 'model1', prompt: 'a', stream: true },
      '/v1/completions',
    );
    const steps = eventsOf(body).map((event) => completion.parse(event).choices[0]);
    expect(steps.map((step) => step?.text)).toEqual(['Hel', 'lo', '!', '']);
    expect(steps.map((step) => step?.finish_reason)).toEqual([null, null, null, 'stop']);
  });
});
