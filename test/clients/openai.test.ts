import OpenAI, { APIError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { fakeServices } from '../http/fakes.ts';
import { LiveServer } from '../http/live-server.ts';
import { OpenaiBoard } from './openai-board.ts';

/** The unmodified `openai` package against a running daemon. */

let server: OpenaiBoard;
let client: OpenAI;
beforeAll(async () => {
  server = await OpenaiBoard.start({ RKLLM_SIM_DECODE_MS: '1' });
  client = new OpenAI({ baseURL: server.baseURL, apiKey: 'none' });
});
afterAll(() => server.stop());

const model = 'chat';
const asking = (content: string) => [{ role: 'user' as const, content }];
const cityParameters = { type: 'object', properties: { city: { type: 'string' } } };

describe('chat', () => {
  it('is answered whole', async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: 'developer', content: 'Be brief.' }, ...asking('how are you?')],
    });
    expect(answer.choices[0]?.message.content).toBe('I am fine.');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.completion_tokens).toBe(4);
  });

  it('is answered as a stream, with usage', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: asking('how are you?'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe('I am fine.');
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(4);
  });

  it('is answered through the stream helper, with several choices', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages: asking('how are you?'),
      n: 2,
    });
    const { choices } = await stream.finalChatCompletion();
    expect(choices.map(({ message }) => message.content)).toEqual(['I am fine.', 'I am fine.']);
    expect(await stream.totalUsage()).toBeDefined();
  });

  it('ends at a stop string and at the limit', async () => {
    const messages = asking('how are you?');
    const stopped = await client.chat.completions.create({ model, messages, stop: ' fine' });
    expect(stopped.choices[0]).toMatchObject({
      message: { content: 'I am' },
      finish_reason: 'stop',
    });
    const cut = await client.chat.completions.create({
      model,
      messages,
      max_completion_tokens: 2,
    });
    expect(cut.choices[0]).toMatchObject({ message: { content: 'I am' }, finish_reason: 'length' });
  });

  it('is told when it is too long', async () => {
    const messages = asking('word '.repeat(3000));
    const failure = await client.chat.completions.create({ model, messages }).catch((e) => e);
    expect(failure).toBeInstanceOf(APIError);
    expect(failure.code).toBe('context_length_exceeded');
  });

  it('calls tools and goes on with their results (runTools)', async () => {
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: asking('How is the weather in Paris?'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'Tells the weather',
            parameters: cityParameters,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return '18 degrees';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('It is 18 degrees in Paris.');
    expect(cities).toEqual(['Paris']);
  });

  it('makes several calls in one answer, streamed', async () => {
    const tools = ['get_weather', 'get_time'].map((name) => ({
      type: 'function' as const,
      function: { name, parameters: cityParameters },
    }));
    const stream = client.chat.completions.stream({
      model,
      messages: asking('weather and time?'),
      tools,
    });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {};
    expect(finish_reason).toBe('tool_calls');
    const calls = message?.tool_calls?.filter((call) => call.type === 'function');
    expect(calls?.map((call) => call.function.name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls?.map((call) => call.id)).size).toBe(2);
  });

  it('that is aborted frees the NPU for the next', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: asking('go on for ever'),
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const next = await client.chat.completions.create({ model, messages: asking('how are you?') });
    expect(next.choices[0]?.message.content).toBe('I am fine.');
  });
});

describe('the other routes', () => {
  it('complete prompts', async () => {
    const answer = await client.completions.create({ model, prompt: 'how are you?' });
    expect(answer.choices[0]?.text).toBe('I am fine.');
    const stream = await client.completions.create({ model, prompt: 'hey you', stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    expect(text).toBe('hey you');
  });

  it('list and find models', async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(['chat.rkllm', 'other.rkllm']);
    expect((await client.models.retrieve('other')).id).toBe('other.rkllm');
    const bare = new OpenAI({ baseURL: server.board.url, apiKey: 'none' });
    expect((await bare.models.list()).data).toHaveLength(2);
    await expect(client.models.retrieve('no/such')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('embed in the encoding that the client asks for by itself', async () => {
    const input = ['the quick fox', 'a brown fox'];
    const asBase64 = await client.embeddings.create({ model, input });
    const asFloats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    expect(asBase64.data.map(({ embedding }) => embedding.length)).toEqual([256, 256]);
    for (const [index, { embedding }] of asBase64.data.entries()) {
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
      expect(embedding[7]).toBeCloseTo(asFloats.data[index]?.embedding[7] ?? 9, 5);
    }
  });
});

describe('a route beside OpenAI’s own', () => {
  it('reranks documents', async () => {
    await server.addReranker('reranker');
    const answer = await client.post('/rerank', {
      body: { model: 'reranker', query: 'brown fox', documents: ['a cat', 'the quick brown fox'] },
    });
    expect(answer).toMatchObject({ model: 'reranker', results: [{ index: 1 }, { index: 0 }] });
  });
});

describe('on a board whose models crash', () => {
  it('a stream ends with an error, and the next one is answered', async () => {
    const crashing = await OpenaiBoard.start({
      RKLLM_SIM_FAULT: 'crash@6',
      RKLLM_SIM_DECODE_MS: '50',
    });
    try {
      const unlucky = new OpenAI({ baseURL: crashing.baseURL, apiKey: 'none' });
      const messages = asking('go on for ever');
      const stream = await unlucky.chat.completions.create({ model, messages, stream: true });
      let text = '';
      const reading = (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      })();
      await expect(reading).rejects.toMatchObject({
        code: 'runtime_crashed',
        type: 'server_error',
      });
      expect(text).toMatch(/^on /);
      const short = { model, messages: asking('how are you?') };
      const next = await unlucky.chat.completions.create(short);
      expect(next.choices[0]?.message.content).toBe('I am fine.');
    } finally {
      await crashing.stop();
    }
  });
});

describe('an error', () => {
  it('has its class, its code and its parameter', async () => {
    const failure = await client.chat.completions
      .create({ model: 'gpt-4', messages: asking('x') })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(NotFoundError);
    expect(failure).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  it('of a stream comes before the stream', async () => {
    await expect(
      client.chat.completions.create({
        model,
        messages: asking('x'),
        stream: true,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'string', not: { const: 'a' } } },
        },
      }),
    ).rejects.toMatchObject({
      status: 400,
      param: 'response_format',
      message: expect.stringMatching(/not/),
    });
  });

  it.each([
    ['queue_full', 2, 'Hello!'],
    ['load_failed', 1, undefined],
    ['model_not_found', 1, undefined],
  ] as const)('%s takes %d requests', async (code, requests, content) => {
    const services = fakeServices('model1.rkllm');
    services.engine.generateError = new ApplianceError(code, 'No.', { retryAfterSeconds: 0.1 });
    const live = await LiveServer.start(createApp(services));
    let sent = 0;
    const counting = new OpenAI({
      baseURL: `http://127.0.0.1:${live.port}/v1`,
      apiKey: 'none',
      fetch: (url, init) => {
        sent += 1;
        if (sent === 2) services.engine.generateError = undefined;
        return fetch(url, init);
      },
    });
    const answer = await counting.chat.completions
      .create({ model: 'model1', messages: asking('x') })
      .catch(() => undefined);
    await live.stop();
    expect([sent, answer?.choices[0]?.message.content]).toEqual([requests, content]);
  });
});
