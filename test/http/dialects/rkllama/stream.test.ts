import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GenerationEvent } from '../../../../src/engine/index.ts';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { done, type FakeServices, fakeServices, text } from '../../fakes.ts';
import { LiveServer, readToEnd, standstill } from '../../live-server.ts';

const stream = { messages: 'Hello', stream: true };
let services: FakeServices;
let server: LiveServer;

beforeEach(async () => {
  services = fakeServices('model1.rkllm');
  server = await LiveServer.start(createApp(services, { keepAliveMs: 20 }));
});
afterEach(() => server.stop());

/** As a client of that time reads it: split into lines, skip blanks, parse, take the content. */
const contentOf = (body: string) =>
  body
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line).choices[0].content)
    .join('');

describe('a streamed /generate', () => {
  it('is plain text, one object and an empty line per token', async () => {
    const response = await request(createApp(services))
      .post('/generate')
      .send(stream)
      .expect(200)
      .expect('Content-Type', 'text/plain; charset=utf-8');
    const frames = response.text.split('\n\n');
    expect(frames.pop()).toBe('');
    expect(frames.map((frame) => JSON.parse(frame).choices[0])).toEqual([
      { role: 'assistant', content: 'Hel', logprobs: null, finish_reason: null },
      { role: 'assistant', content: 'lo', logprobs: null, finish_reason: null },
      { role: 'assistant', content: '!', logprobs: null, finish_reason: null },
      { role: 'assistant', content: '', logprobs: null, finish_reason: 'stop' },
    ]);
  });

  it('sends each batch as soon as it is there', async () => {
    const gate = Promise.withResolvers<void>();
    services.engine.answer = async function* () {
      yield [text('first')];
      await gate.promise;
      yield [text('second'), done()];
    };
    const socket = await server.post('/generate', stream);
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await expect.poll(() => seen).toContain('"first"');
    expect(seen).not.toContain('"second"');
    gate.resolve();
    await once(socket, 'end');
    expect(seen).toContain('"second"');
  });

  it('has a status of its own for an error before the first token', async () => {
    services.engine.answer = () => failing([], new ApplianceError('runtime_crashed', 'It died.'));
    const response = await request(createApp(services)).post('/generate').send(stream).expect(500);
    expect(response.headers['content-type']).toContain('application/json');
    expect(response.body).toEqual({ error: 'It died.' });
  });

  it('tells an error after the first token in its last object', async () => {
    services.engine.answer = () =>
      failing([text('Hel')], new ApplianceError('runtime_crashed', 'It died.'));
    const response = await request(createApp(services)).post('/generate').send(stream).expect(200);
    expect(JSON.parse(response.text.split('\n\n').at(-2) ?? '')).toMatchObject({
      choices: [{ content: '', finish_reason: 'error' }],
      error: 'It died.',
    });
    expect(contentOf(response.text)).toBe('Hel');
  });

  it('does not call a generation finished that has no result', async () => {
    services.engine.answer = async function* () {
      yield [text('Hel')];
    };
    const response = await request(createApp(services)).post('/generate').send(stream);
    expect(response.text).toContain('"finish_reason":"error"');
  });

  it('shows a sign of life in a long prefill and between tokens', async () => {
    services.engine.answer = async function* () {
      await setTimeout(90);
      yield [text('Hel')];
      await setTimeout(90);
      yield [text('lo'), done()];
    };
    const { text: body } = await request(createApp(services, { keepAliveMs: 20 }))
      .post('/generate')
      .send(stream)
      .expect(200);
    expect(body).toMatch(/^\n+\{.*\}\n\n\n+\{/);
    expect(contentOf(body)).toBe('Hello');
  });

  it('stops the generation of a client that leaves, and no other', async () => {
    const signals: AbortSignal[] = [];
    const gate = Promise.withResolvers<void>();
    services.engine.answer = async function* (_request, signal) {
      signals.push(signal);
      yield [text('Hel')];
      await Promise.race([gate.promise, once(signal, 'abort')]);
      yield [text('lo'), done()];
    };
    const leaving = await server.post('/generate', stream);
    const staying = await server.post('/generate', stream);
    const answer = readToEnd(staying);
    await once(leaving, 'data');
    await expect.poll(() => signals.length).toBe(2);
    leaving.destroy();
    await expect.poll(() => signals.map((signal) => signal.aborted)).toContain(true);
    expect(signals.filter((signal) => signal.aborted)).toHaveLength(1);
    gate.resolve();
    expect(await answer).toContain('"finish_reason":"stop"');
  });

  it('stops a generation whose client leaves before the first token', async () => {
    const seen = Promise.withResolvers<AbortSignal>();
    services.engine.answer = async function* (_request, signal) {
      seen.resolve(signal);
      yield [];
      await once(signal, 'abort');
      throw signal.reason;
    };
    const socket = await server.post('/generate', { messages: 'Hello' });
    const signal = await seen.promise;
    socket.resetAndDestroy();
    await expect.poll(() => signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 'client_closed_request' });
    await request(createApp(services)).get('/').expect(200);
  });

  it('generates no faster than a slow client reads, and loses nothing', async () => {
    const piece = 'x'.repeat(64 * 1024);
    const batches = 250;
    let generated = 0;
    services.engine.answer = async function* () {
      for (; generated < batches; generated += 1) {
        yield [text(piece)];
        await setImmediate();
      }
      yield [done()];
    };
    const socket = await server.post('/generate', stream);
    socket.pause();
    expect(await standstill(() => generated)).toBeLessThan(batches);
    const body = await readToEnd(socket);
    expect(generated).toBe(batches);
    expect(contentOf(dechunked(body))).toHaveLength(batches * piece.length);
  });

  it('lets go of a generation whose client stops reading and leaves', async () => {
    let ended = false;
    services.engine.answer = async function* () {
      try {
        for (;;) {
          yield [text('x'.repeat(64 * 1024))];
          await setImmediate();
        }
      } finally {
        ended = true;
      }
    };
    const socket = await server.post('/generate', stream);
    socket.pause();
    await setTimeout(100);
    socket.resetAndDestroy();
    await expect.poll(() => ended).toBe(true);
  });
});

/** The body of a raw answer in chunked transfer encoding. */
function dechunked(raw: string): string {
  let rest = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const chunks: string[] = [];
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (!(size > 0)) return chunks.join('');
    chunks.push(rest.slice(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.slice(lineEnd + 2 + size + 2);
  }
}

async function* failing(
  events: GenerationEvent[],
  error: ApplianceError,
): AsyncGenerator<GenerationEvent[]> {
  if (events.length > 0) yield events;
  throw error;
}
