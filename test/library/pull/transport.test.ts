import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  fetchTransport,
  httpTransport,
  type Transport,
} from '../../../src/library/pull/transport.ts';
import { collect, modelPath, setUp, sha256Of, temporaryFolder } from './harness.ts';

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);
const content = randomBytes(3_000_001);
const serveContent: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(200, { 'x-method': request.method, 'content-length': content.byteLength });
  response.end(content);
};

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const ask = (send: Transport, url: string, init: { signal?: AbortSignal; body?: string } = {}) =>
  send(new URL(url), {
    method: init.body === undefined ? 'GET' : 'POST',
    headers: new Headers(),
    signal: new AbortController().signal,
    ...init,
  });

async function hashOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

const expectedHash = createHash('sha256').update(content).digest('hex');

describe.each([
  ['node:http', httpTransport],
  ['fetch', () => fetchTransport(fetch)],
])('the transport over %s', (_name, make) => {
  it('brings every byte, also to a slow reader', async () => {
    const port = await listen(createServer(serveContent));
    const answer = await ask(make(), `http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(200);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      if (chunks.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  it('posts a body', async () => {
    const port = await listen(createServer(serveContent));
    const answer = await ask(make(), `http://127.0.0.1:${port}/`, { body: '{"paths":[]}' });
    expect(answer.headers.get('x-method')).toBe('POST');
    answer.destroy();
  });

  it('tells when the connection breaks in the middle', async () => {
    const port = await listen(
      createServer((_request, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half', () => response.destroy());
      }),
    );
    const answer = await ask(make(), `http://127.0.0.1:${port}/`);
    await expect(hashOf(answer.body)).rejects.toThrow();
  });

  it('ends with the signal, before and in the middle of the answer', async () => {
    const port = await listen(
      createServer((request, response) => {
        if (request.url === '/never') return;
        response.writeHead(200).write('some');
      }),
    );
    for (const place of ['never', 'middle']) {
      const controller = new AbortController();
      const url = `http://127.0.0.1:${port}/${place}`;
      const reading = ask(make(), url, { signal: controller.signal }).then(({ body }) =>
        hashOf(body),
      );
      setTimeout(() => controller.abort(), 30);
      await expect(reading).rejects.toThrow();
    }
  });
});

describe('the transport over node:http', () => {
  it('uses a connection again, and another one when the server has closed it', async () => {
    let connections = 0;
    const server = createServer(serveContent);
    server.on('connection', () => {
      connections += 1;
    });
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const send = httpTransport();
    expect(await hashOf((await ask(send, url)).body)).toBe(expectedHash);
    expect(await hashOf((await ask(send, url)).body)).toBe(expectedHash);
    expect(connections).toBe(1);
    server.closeAllConnections();
    expect(await hashOf((await ask(send, url)).body)).toBe(expectedHash);
  });

  it.skipIf(!hasOpenssl)('speaks TLS and checks the certificate', async () => {
    const { key, cert } = await selfSigned();
    const port = await listen(createSecureServer({ key, cert }, serveContent));
    const url = `https://localhost:${port}/`;
    await expect(ask(httpTransport(), url)).rejects.toThrow(/self-signed/);

    const trusted = tls.getCACertificates('default');
    tls.setDefaultCACertificates([cert]);
    onTestFinished(() => tls.setDefaultCACertificates(trusted));
    const send = httpTransport();
    for (let time = 0; time < 2; time += 1) {
      expect(await hashOf((await ask(send, url)).body)).toBe(expectedHash);
    }
    const otherName = `https://127.0.0.1:${port}/`;
    await expect(ask(send, otherName)).rejects.toThrow(/does not match/);
  });
});

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const folder = await temporaryFolder();
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}

describe('a puller with a fetch of its own', () => {
  it('pulls through it', async () => {
    let calls = 0;
    const own: typeof fetch = (input, init) => {
      calls += 1;
      return fetch(input, init);
    };
    const { hub, folder, puller } = await setUp({}, { fetch: own });
    await collect(puller.pull(modelPath));
    const landed = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm');
    expect(await sha256Of(landed)).toBe(hub.sha256(modelPath));
    expect(calls).toBe(hub.requests.length);
  });
});
