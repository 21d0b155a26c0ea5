import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  EmbeddingRequest,
  Embeddings,
  Ranking,
  RerankRequest,
} from '../../../../src/engine/index.ts';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { chunksOf } from '../../../../src/http/dialects/openai/embeds.ts';
import { type FakeServices, fakeServices } from '../../fakes.ts';
import { sendRaw } from '../../live-server.ts';
import { embeddingList, failure, modelList, model as modelObject } from './wire.ts';

let services: FakeServices;
beforeEach(() => {
  services = fakeServices('model1.rkllm');
  Object.assign(services.engine, {
    embed: async ({ model, inputs }: EmbeddingRequest): Promise<Embeddings> => ({
      model,
      vectors: inputs.map((_input, index) => new Float32Array([index, 1.5])),
      promptTokens: 7,
      timings: { queueMs: 0, loadMs: 0, totalMs: 1 },
    }),
    rerank: async ({ model }: RerankRequest): Promise<Ranking> => ({
      model,
      results: [
        { index: 1, score: 0.9 },
        { index: 0, score: 0.1 },
      ],
      promptTokens: 20,
    }),
  });
});
const app = () => request(createApp(services));
const hello = { model: 'model1', messages: [{ role: 'user', content: 'Hello' }] };
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const deepTool = { type: 'function', function: { name: 'f', parameters: nested(100) } };
const mounts = ['/v1', '/api/v1', '/api/oai/v1', '/api/oai', ''];

describe.each(mounts)('under "%s"', (mount) => {
  it('all routes answer', async () => {
    await app().post(`${mount}/chat/completions`).send(hello).expect(200);
    await app().post(`${mount}/completions`).send({ model: 'model1', prompt: 'a' }).expect(200);
    await app().post(`${mount}/embeddings`).send({ model: 'model1', input: 'a' }).expect(200);
    await app().get(`${mount}/models/model1`).expect(200);
    const documents = ['a', 'b'];
    await app()
      .post(`${mount}/rerank`)
      .send({ model: 'model1', query: 'q', documents })
      .expect(200);
  });
});

describe('models', () => {
  it('are listed, without those that this board cannot run', async () => {
    const [first, ...rest] = services.catalogue.models();
    services.catalogue.models = () => [
      ...rest,
      ...(first ? [{ ...first, problem: 'RK3576' }] : []),
    ];
    const { body } = await app().get('/v1/models').expect(200);
    expect(modelList.parse(body).data).toEqual(
      ['model2.rkllm', 'model3.rkllm'].map((id) => ({
        id,
        object: 'model',
        created: Date.parse('2025-01-12T10:00:00Z') / 1000,
        owned_by: 'rkllamad',
        context_length: 4096,
      })),
    );
  });

  it('have the context that they are loaded with', async () => {
    const [first] = services.engine.models;
    if (first) services.engine.models.splice(0, 1, { ...first, contextLength: 2048 });
    const { body } = await app().get('/v1/models').expect(200);
    const lengths = modelList.parse(body).data.map((each) => each.context_length);
    expect(lengths).toEqual([2048, 4096, 4096]);
  });

  it('are found by ids with slashes and encoded ones', async () => {
    services.catalogue.names.push('user/model:8b');
    for (const id of ['user/model:8b', 'user%2Fmodel%3A8b']) {
      const { body } = await app().get(`/v1/models/${id}`).expect(200);
      expect(modelObject.parse(body).id).toBe('user/model:8b');
    }
    const { body } = await app().get('/v1/models/no/such').expect(404);
    expect(failure.parse(body).error).toMatchObject({ param: 'model', code: 'model_not_found' });
  });

  it('without the version are RKLLama’s, unless OpenAI’s client asks', async () => {
    const names = ['model1.rkllm', 'model2.rkllm', 'model3.rkllm'];
    expect((await app().get('/models').expect(200)).body).toEqual({ models: names });
    for (const [header, value] of [
      ['User-Agent', 'OpenAI/JS 6.49.0'],
      ['X-Stainless-Lang', 'js'],
      ['OpenAI-Organization', 'org'],
      ['Authorization', 'Bearer key'],
    ] as const) {
      const { body } = await app().get('/models').set(header, value).expect(200);
      expect(body.data.map(({ id }: { id: string }) => id)).toEqual(names);
      expect(body.models).toEqual(names);
    }
  });
});

describe('embeddings', () => {
  const ask = (body: object) =>
    app()
      .post('/v1/embeddings')
      .send({ model: 'model1', ...body });

  it('are lists of numbers, or little-endian float32 in base64', async () => {
    const floats = embeddingList.parse((await ask({ input: ['a', 'b'] }).expect(200)).body);
    expect(floats.data.map(({ embedding }) => embedding)).toEqual([
      [0, 1.5],
      [1, 1.5],
    ]);
    expect(floats.usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
    const { body } = await ask({ input: 'a', encoding_format: 'base64' });
    expect(embeddingList.parse(body).data[0]?.embedding).toBe('AAAAAAAAwD8=');
  });

  it.each([
    [{ input: [1, 2] }, 'input.0', /another model's tokenizer/],
    [{ input: [[1], [2]] }, 'input.0', /another model's tokenizer/],
    [{ input: [] }, 'input', /expected a string or a list/],
    [{ input: '' }, 'input', /no empty string/],
    [{}, 'input', /expected a string or a list/],
    [{ input: 'a', encoding_format: 'hex' }, 'encoding_format', /expected one of/],
  ])('of %j are refused', async (body, param, words) => {
    const { error } = failure.parse((await ask(body).expect(400)).body);
    expect(error).toMatchObject({ param, message: expect.stringMatching(words) });
  });

  it('of a text in chunks are Ai00’s embeds', async () => {
    const { body } = await app()
      .post('/api/oai/v1/embeds')
      .send({ input: 'One two. Three four.', max_tokens: 4, prefix: 'query:' })
      .expect(200);
    expect(body).toEqual({
      object: 'embeds',
      model: 'model1.rkllm',
      data: [
        {
          object: 'embed',
          index: 0,
          chunks: [
            { chunk: 'One two.', embed: [[0, 1.5]] },
            { chunk: 'Three four.', embed: [[1, 1.5]] },
          ],
        },
      ],
    });
  });

  it('of a text that would have too many chunks are refused', async () => {
    const input = 'abc '.repeat(5000);
    const { body } = await app().post('/api/oai/embeds').send({ input, max_tokens: 1 }).expect(400);
    const { error } = failure.parse(body);
    expect(error).toMatchObject({ param: 'input', message: expect.stringMatching(/2048 chunks/) });
  });

  it('of a text in chunks take null as left out', async () => {
    const { body } = await app()
      .post('/api/oai/embeds')
      .send({ input: 'One two.', max_tokens: null, prefix: null })
      .expect(200);
    expect(body.data[0].chunks).toMatchObject([{ chunk: 'One two.' }]);
  });

  it.each([
    ['short', 10, ['short']],
    ['ab cd ef', 5, ['ab cd', 'ef']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['A b. C d. E f.', 9, ['A b. C d.', 'E f.']],
    ['A b. C d e f', 9, ['A b.', 'C d e f']],
  ])('%j is cut at %d into %j', (text, length, wanted) => {
    expect(chunksOf(text, length)).toEqual(wanted);
  });
});

describe('rerank', () => {
  it.each(['/v1/rerank', '/api/rerank'])('at %s orders documents', async (path) => {
    const { body } = await app()
      .post(path)
      .send({ model: 'model1', query: 'q', documents: ['a', { text: 'b' }], top_n: 1 })
      .expect(200);
    expect(body).toEqual({
      object: 'list',
      model: 'model1.rkllm',
      results: [{ index: 1, relevance_score: 0.9 }],
      usage: { prompt_tokens: 20, total_tokens: 20 },
    });
  });

  it('returns the documents to who wants them', async () => {
    const { body } = await app()
      .post('/v1/rerank')
      .send({ model: 'model1', query: 'q', documents: ['a', 'b'], return_documents: true });
    expect(body.results[0]).toEqual({ index: 1, relevance_score: 0.9, document: { text: 'b' } });
  });
});

describe('an error', () => {
  const ask = (body: object) => app().post('/v1/chat/completions').send(body);

  it.each([
    ['get', '/v1/nothing', 404, 'route_not_found'],
    ['post', '/api/v1/nothing', 404, 'route_not_found'],
    ['get', '/api/oai/nothing', 404, 'route_not_found'],
    ['get', '/v1/chat/completions', 405, 'method_not_allowed'],
    ['post', '/v1/models', 405, 'method_not_allowed'],
  ] as const)('of %s %s is %d in OpenAI’s shape', async (method, path, status, code) => {
    const { body } = await app()[method](path).expect(status);
    expect(failure.parse(body).error).toMatchObject({ type: 'invalid_request_error', code });
  });

  it('of a body that is no JSON is 400', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const url = '/v1/chat/completions';
    const { status, body } = await sendRaw(createApp(services), 'POST', url, headers, '{"model":');
    expect([status, failure.parse(body).error.message]).toEqual([
      400,
      'The request body is not valid JSON.',
    ]);
  });

  it('of a body that is too large is 413', async () => {
    const small = request(createApp(services, { imageBodyLimitBytes: 100 }));
    const { body } = await small
      .post('/v1/chat/completions')
      .send({ ...hello, user: 'x'.repeat(100) })
      .expect(413);
    expect(failure.parse(body).error.code).toBe('payload_too_large');
  });

  it.each([
    [{ ...hello, temperature: 'hot' }, 'temperature'],
    [{ ...hello, temperature: 3 }, 'temperature'],
    [{ ...hello, n: 0 }, 'n'],
    [{ ...hello, messages: [] }, 'messages'],
    [{ model: 'model1' }, 'messages'],
    [{ ...hello, reasoning_effort: 'much' }, 'reasoning_effort'],
    [{ ...hello, keep_alive: 'abc' }, 'keep_alive'],
    [{ ...hello, stop: [5] }, 'stop'],
    [{ ...hello, tools: [{ type: 'web_search' }] }, 'tools.0.type'],
    [{ ...hello, tool_choice: 'required' }, 'tool_choice'],
    [{ ...hello, tool_choice: { type: 'function', function: { name: 'f' } } }, 'tool_choice'],
    [{ ...hello, tool_choice: { type: 'web_search' } }, 'tool_choice'],
    [{ ...hello, response_format: { type: 'xml' } }, 'response_format.type'],
    [
      { ...hello, response_format: { type: 'json_schema', json_schema: 1 } },
      'response_format.json_schema',
    ],
    [{ ...hello, guided_json: '{' }, 'guided_json'],
    [{ ...hello, model: '../x' }, 'model'],
    [{ ...hello, messages: Array(2049).fill(hello.messages[0]) }, 'messages'],
    [{ ...hello, tools: [deepTool] }, 'tools.0.function.parameters'],
  ])('of %.200j is 400 and names %s', async (body, param) => {
    const answer = await ask(body).expect(400);
    expect(failure.parse(answer.body).error).toMatchObject({
      type: 'invalid_request_error',
      param,
    });
  });

  it('of a model that is not there is 404', async () => {
    const { body } = await ask({ ...hello, model: 'gpt-4' }).expect(404);
    expect(failure.parse(body).error).toEqual({
      message: 'There is no model gpt-4.',
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    });
  });

  it('of a request without a model is 400 where there is a choice', async () => {
    services.engine.models.length = 0;
    const { body } = await ask({ messages: hello.messages }).expect(400);
    expect(failure.parse(body).error.param).toBe('model');
    services.catalogue.names.length = 1;
    await ask({ messages: hello.messages }).expect(200);
  });

  it('of a full queue tells when to come again', async () => {
    services.engine.generateError = new ApplianceError('queue_full', 'Busy.', {
      retryAfterSeconds: 4,
    });
    const answer = await ask(hello).expect(503).expect('Retry-After', '4');
    expect(answer.headers).not.toHaveProperty('x-should-retry');
    expect(failure.parse(answer.body).error).toMatchObject({
      type: 'unavailable_error',
      code: 'queue_full',
    });
  });

  it('that another try cannot mend asks for none', async () => {
    services.engine.generateError = new ApplianceError('load_failed', 'Broken file.');
    const answer = await ask(hello).expect(500).expect('X-Should-Retry', 'false');
    expect(failure.parse(answer.body).error.type).toBe('server_error');
  });
});
