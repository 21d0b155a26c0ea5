import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { done, type FakeServices, fakeServices } from './fakes.ts';
import { LiveServer } from './live-server.ts';

const mebibyte = 1024 ** 2;

let services: FakeServices;
let server: LiveServer;
let sockets: Socket[];
beforeEach(async () => {
  services = fakeServices('model1.rkllm');
  server = await LiveServer.start(createApp(services));
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
});

/** Begins a request and sends nothing of its body. Resolves when the server waits for it. */
async function begin(path: string, size: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket.on('error', () => undefined));
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${size}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await once(socket, 'data');
  return socket;
}

const ask = (path: string, body: object) =>
  fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });

async function statusOf(path: string, body: object): Promise<number> {
  const response = await ask(path, body);
  await response.arrayBuffer();
  return response.status;
}

const large = { model: 'nothing', note: 'x'.repeat(2 * mebibyte) };
const paths = ['/v1/chat/completions', '/api/chat', '/v1/embeddings', '/api/generate'];

describe('large bodies of all clients together', () => {
  it.each([
    ['their lengths', `Content-Length: ${32 * mebibyte}`],
    ['what they may unfold to', 'Content-Encoding: gzip\r\nContent-Length: 1000'],
  ])('are as many as there is room for, by %s', async (_what, size) => {
    await Promise.all(paths.map((path) => begin(path, size)));
    await expect.poll(() => statusOf('/api/chat', large)).toBe(503);
    const refused = await ask('/v1/chat/completions', large);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await refused.json()).toMatchObject({
      error: { code: 'insufficient_memory', message: expect.stringMatching(/128 MiB/) },
    });
    // Small ones have nothing to do with it.
    expect(await statusOf('/api/chat', { model: 'nothing' })).toBe(404);
    sockets[0]?.destroy();
    await expect.poll(() => statusOf('/api/chat', large)).toBe(404);
  });

  it('are counted on their way where they do not tell their lengths', async () => {
    const begun = await Promise.all(
      [...paths, '/api/chat'].map((path) => begin(path, 'Transfer-Encoding: chunked')),
    );
    expect(await statusOf('/api/chat', large)).toBe(404);
    const told = Promise.race(begun.map((socket) => once(socket, 'data')));
    const size = 32 * mebibyte - 1;
    for (const socket of begun) {
      socket.write(`${size.toString(16)}\r\n`);
      socket.write(Buffer.alloc(size, ' '));
    }
    expect(String((await told)[0])).toMatch(/^HTTP\/1\.1 503 /);
    for (const socket of begun) socket.destroy();
    await expect.poll(() => statusOf('/api/chat', large)).toBe(404);
  });

  it('do not count any more than they turned out to have', async () => {
    const answers = Promise.withResolvers<void>();
    services.engine.answer = async function* () {
      await answers.promise;
      yield [done()];
    };
    const asked: Promise<Response>[] = [];
    for (let count = 1; count <= 6; count += 1) {
      asked.push(
        fetch(`${server.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'Content-Encoding': 'gzip' },
          body: gzipSync('{"model":"model1","messages":[{"role":"user","content":"Hi"}]}'),
        }),
      );
      await expect.poll(() => services.engine.requests.length).toBe(count);
    }
    answers.resolve();
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
  });
});
