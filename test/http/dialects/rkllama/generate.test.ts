import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { done, type FakeServices, fakeServices, text } from '../../fakes.ts';

let services: FakeServices;
const generate = (body: object) => request(createApp(services)).post('/generate').send(body);

beforeEach(() => {
  services = fakeServices('model1.rkllm');
});

describe('POST /generate, not streaming', () => {
  it('answers with one object', async () => {
    const response = await generate({ messages: 'Hello, how are you?', stream: false }).expect(200);
    expect(response.headers['content-type']).toContain('application/json');
    expect(response.body).toEqual({
      id: 'rkllm_chat',
      object: 'rkllm_chat',
      created: expect.closeTo(Date.now() / 1000, -1),
      choices: [{ role: 'assistant', content: 'Hello!', logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15, tokens_per_second: 20 },
    });
  });

  it('is what it does when nobody says', async () => {
    expect((await generate({ messages: 'Hello' })).headers['content-type']).toContain('json');
  });

  it.each(['stop', 'length', 'abort'] as const)(
    'tells that the end was %s',
    async (finishReason) => {
      services.engine.answer = async function* () {
        yield [text('so far'), done({ finishReason })];
      };
      const { body } = await generate({ messages: 'Hello' }).expect(200);
      expect(body.choices[0]).toMatchObject({ content: 'so far', finish_reason: finishReason });
    },
  );

  it('says null where the runtime does not count', async () => {
    services.engine.answer = async function* () {
      yield [
        done({
          usage: {
            promptTokens: null,
            cachedTokens: null,
            completionTokens: 0,
            reasoningTokens: 0,
          },
          timings: { queueMs: 0, loadMs: 0, prefillMs: null, decodeMs: null },
        }),
      ];
    };
    expect((await generate({ messages: 'Hello' }).expect(200)).body.usage).toEqual({
      prompt_tokens: null,
      completion_tokens: 0,
      total_tokens: null,
      tokens_per_second: null,
    });
  });

  it('turns a failure in the middle into a status', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel')];
      throw new ApplianceError('runtime_crashed', 'The runtime died.');
    };
    const response = await generate({ messages: 'Hello' }).expect(500);
    expect(response.body).toEqual({ error: 'The runtime died.' });
  });
});

describe('what /generate asks the engine', () => {
  const asked = async (body: object) => {
    await generate(body).expect(200);
    return services.engine.requests[0];
  };

  it.each([
    ['a string', { messages: 'Hi' }, [{ role: 'user', content: 'Hi' }]],
    ['a prompt', { prompt: 'Hi' }, [{ role: 'user', content: 'Hi' }]],
    ['messages before a prompt', { messages: 'Hi', prompt: '' }, [{ role: 'user', content: 'Hi' }]],
    [
      'a chat',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'One' },
              { type: 'text', text: 'Two' },
            ],
          },
          { role: 'assistant', content: null },
          { role: 'tool', content: '21 °C', tool_call_id: '7' },
        ],
      },
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One\nTwo' },
        { role: 'assistant', content: '' },
        { role: 'tool', content: '21 °C' },
      ],
    ],
  ])('takes %s', async (_what, body, messages) => {
    const client = expect.stringContaining('127.0.0.1');
    const rest = { sampling: {}, raw: true, mustBeLoaded: true };
    expect(await asked(body)).toEqual({ messages, client, ...rest });
  });

  it('takes options, and the same at the top level; options win', async () => {
    const options = {
      temperature: 0,
      top_k: 1,
      top_p: 0.9,
      repeat_penalty: 1.1,
      frequency_penalty: 0.2,
      presence_penalty: -0.1,
      mirostat: 2,
      mirostat_tau: 5,
      mirostat_eta: null,
    };
    const topLevel = { temperature: 1, mirostat_eta: 0.1, seed: 42 };
    expect(await asked({ messages: 'Hi', options, ...topLevel })).toMatchObject({
      sampling: {
        temperature: 0,
        topK: 1,
        topP: 0.9,
        repeatPenalty: 1.1,
        frequencyPenalty: 0.2,
        presencePenalty: -0.1,
        mirostat: 2,
        mirostatTau: 5,
        mirostatEta: 0.1,
      },
    });
  });

  it.each([
    [{ max_tokens: 5 }, 5],
    [{ max_new_tokens: 5, max_tokens: 9 }, 5],
    [{ options: { num_predict: 5 } }, 5],
    [{ options: { num_predict: 5 }, num_predict: 9 }, 5],
    [{ options: { num_predict: -1 } }, undefined],
    [{ max_tokens: 0 }, undefined],
  ])('limits tokens: %j is %s', async (body, maxTokens) => {
    expect((await asked({ messages: 'Hi', ...body }))?.maxTokens).toBe(maxTokens);
  });

  it.each([[{ model: 'model1' }], [{ model_name: 'model1.rkllm' }]])('takes %j', async (body) => {
    expect((await asked({ messages: 'Hi', ...body }))?.model).toBe('model1.rkllm');
  });
});

describe('POST /generate with a format', () => {
  const schema = { type: 'object', properties: { on: { type: 'boolean' } } };

  it.each([
    ['json', { type: 'object' }],
    [schema, { type: 'schema', schema }],
  ])('%j has it guaranteed, and no thoughts in the text', async (format, wanted) => {
    await generate({ messages: 'Hi', format }).expect(200);
    expect(services.engine.requests).toMatchObject([{ format: wanted }]);
    expect(services.engine.requests[0]?.raw).toBeUndefined();
  });

  it.each([null, ''])('%j is one without', async (format) => {
    await generate({ messages: 'Hi', format }).expect(200);
    expect(services.engine.requests).toMatchObject([{ raw: true }]);
    expect(services.engine.requests[0]?.format).toBeUndefined();
  });
});

describe('POST /generate refuses', () => {
  it.each([[{}], [{ messages: null }], [{ messages: '' }], [{ stream: true }]])(
    '%j: no messages',
    async (body) => {
      expect((await generate(body).expect(400)).body).toEqual({
        status: 'error',
        message: 'Invalid JSON data!',
        error: 'messages: expected a string or a list of chat messages',
      });
    },
  );

  it.each([
    [{ messages: [] }, 'messages: expected at least one message'],
    [{ messages: 5 }, 'messages: expected a string or a list of chat messages'],
    [{ messages: ['Hi'] }, 'messages.0: expected object, received string'],
    [
      { messages: [{ role: 'robot', content: 'Hi' }] },
      'messages.0.role: expected one of "system"|"user"|"assistant"|"tool"',
    ],
    [
      { messages: [{ role: 'user' }] },
      'messages.0.content: expected a string or a list of text parts',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages.0.content.0.type: only parts of type "text" can be read',
    ],
    [{ messages: 'Hi', stream: 'yes' }, 'stream: expected boolean, received string'],
    [{ messages: 'Hi', options: [] }, 'options: expected object, received array'],
    [
      { messages: 'Hi', options: { temperature: '0.5' } },
      'options.temperature: expected number, received string',
    ],
    [{ messages: 'Hi', top_k: 1.5 }, 'top_k: expected int, received number'],
    [{ messages: 'Hi', top_p: 2 }, 'top_p: Too big: expected number to be <=1'],
    [
      { messages: 'Hi', max_tokens: 2 ** 40 },
      'max_tokens: Too big: expected number to be <=2147483647',
    ],
    [{ messages: 'Hi', format: 'yaml' }, 'format: expected "json" or a JSON Schema, not "yaml".'],
    [{ messages: 'Hi', format: 5 }, 'format: '],
  ])('%j', async (body, error) => {
    expect((await generate(body).expect(400)).body).toMatchObject({
      error: expect.stringContaining(error),
    });
    expect(services.engine.requests).toHaveLength(0);
  });

  it.each([false, true])('when nothing is loaded (stream: %s)', async (stream) => {
    services = fakeServices();
    const response = await generate({ messages: 'Hello', stream, model: 'model1' }).expect(400);
    expect(response.body).toEqual({ error: 'No model is currently loaded.' });
  });

  it('to answer with another model than the one that was asked for', async () => {
    const response = await generate({ messages: 'Hello', model: 'model2' }).expect(400);
    expect(response.body).toEqual({ error: 'No model model2 is currently loaded.' });
    await generate({ messages: 'Hello', model: 'nope' }).expect(404);
  });

  it.each([
    ['queue_full', 'The queue is full.'],
    ['runtime_not_found', 'There is no librkllmrt.so.'],
    ['stopping', 'rkllamad is stopping.'],
  ] as const)('with 503 when %s', async (code, message) => {
    services.engine.generateError = new ApplianceError(code, message, { retryAfterSeconds: 2.5 });
    const response = await generate({ messages: 'Hello', stream: true }).expect(503);
    expect(response.headers['retry-after']).toBe('3');
    expect(response.body).toEqual({ error: message });
  });
});

describe('X-Rkllama-Unsupported', () => {
  it.each([false, true])('names the ignored options (stream: %s)', async (stream) => {
    services.engine.unsupported = ['temperature', 'topK', 'maxTokens'];
    await generate({ messages: 'Hello', stream })
      .expect(200)
      .expect('X-Rkllama-Unsupported', 'temperature, top_k, max_new_tokens');
  });

  it('is absent when all is honoured', async () => {
    const { headers } = await generate({ messages: 'Hello' });
    expect(headers['x-rkllama-unsupported']).toBeUndefined();
  });
});
