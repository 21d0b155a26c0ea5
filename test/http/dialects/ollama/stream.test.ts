import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { chatEnd, chatLine, failure } from '../../../clients/ollama-wire.ts';
import { done, type FakeServices, fakeServices, recordingLog, text } from '../../fakes.ts';
import { LiveServer, standstill } from '../../live-server.ts';

let services: FakeServices;
beforeEach(() => {
  services = fakeServices();
});

const body = { model: 'model1', messages: [{ role: 'user', content: 'Hello' }] };
const chat = (silenceMs = 15_000) =>
  request(createApp(services, { keepAliveMs: silenceMs }))
    .post('/api/chat')
    .send(body);
const objects = (lines: string) =>
  lines
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a stream of /api/chat', () => {
  it('asks the engine for the model by its own name, in the name of the client', async () => {
    await chat().expect(200).expect('Content-Type', 'application/x-ndjson');
    expect(services.engine.requests).toMatchObject([
      { model: 'model1.rkllm', client: expect.any(String), overflow: 'truncate' },
    ]);
  });

  it('shows a sign of life that every client takes, and never a blank line', async () => {
    services.engine.answer = async function* () {
      await setTimeout(90);
      yield [text('Hel')];
      await setTimeout(90);
      yield [text('lo'), done()];
    };
    const lines = objects((await chat(20).expect(200)).text);
    const last = lines.pop();
    chatEnd.parse(last);
    expect(lines.map((line) => chatLine.parse(line).message.content).join('')).toBe('Hello');
    // At least one in each silence.
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });

  it('ends with the reason when it fails on its way', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel')];
      throw new ApplianceError('runtime_crashed', 'The runtime has crashed.');
    };
    const lines = objects((await chat().expect(200)).text);
    expect(failure.parse(lines.at(-1))).toEqual({ error: 'The runtime has crashed.' });
  });

  it('that never gets an end is none', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel')];
    };
    const lines = objects((await chat().expect(200)).text);
    failure.parse(lines.at(-1));
  });

  it('that cannot begin has a status, and words in the log as well', async () => {
    const { log, lines } = recordingLog();
    services.log = log;
    services.engine.generateError = new ApplianceError('queue_full', 'Too many wait.', {
      retryAfterSeconds: 7.2,
    });
    const response = await chat().expect(503).expect('Retry-After', '8');
    expect(response.body).toEqual({ error: 'Too many wait.' });
    expect(lines.join('')).toContain('Too many wait.');
  });

  it('names the options that the runtime cannot honour', async () => {
    services.engine.unsupported = ['topK', 'seed'];
    await chat().expect('X-Rkllama-Unsupported', 'top_k, seed');
  });
});

describe('a client', () => {
  let server: LiveServer;
  beforeEach(async () => {
    server = await LiveServer.start(createApp(services));
  });
  afterEach(() => server.stop());

  it.each([true, false])('that leaves stops its own answer (stream: %s)', async (stream) => {
    const seen = Promise.withResolvers<AbortSignal>();
    services.engine.answer = async function* (_request, signal) {
      seen.resolve(signal);
      yield [text('Hel')];
      await once(signal, 'abort');
      throw signal.reason;
    };
    const socket = await server.post('/api/chat', { ...body, stream });
    const signal = await seen.promise;
    socket.resetAndDestroy();
    await expect.poll(() => signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 'client_closed_request' });
  });

  it('that stops reading is not generated for', async () => {
    let ended = false;
    let generated = 0;
    services.engine.answer = async function* () {
      try {
        for (; ; generated += 1) {
          yield [text('x'.repeat(64 * 1024))];
          await setTimeout(0);
        }
      } finally {
        ended = true;
      }
    };
    const socket = await server.post('/api/chat', body);
    socket.pause();
    expect(await standstill(() => generated)).toBeGreaterThan(0);
    socket.resetAndDestroy();
    await expect.poll(() => ended).toBe(true);
  });
});

describe('a body', () => {
  it('may carry a photograph', async () => {
    const images = ['x'.repeat(3_000_000)];
    const messages = [{ role: 'user', content: 'What?', images }];
    const app = createApp(services);
    const response = await request(app)
      .post('/api/chat')
      .send({ ...body, messages })
      .expect(400);
    expect(response.body.error).toMatch(/^images\.0: /);
    await request(app).post('/api/embed').send({ model: 'model1', input: images }).expect(413);
  });
});
