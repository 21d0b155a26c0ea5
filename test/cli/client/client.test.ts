import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Address } from '../../../src/cli/client/address.ts';
import { Client } from '../../../src/cli/client/client.ts';
import { connectionFailure, refusal } from '../../../src/cli/client/failures.ts';
import type { CliError } from '../../../src/cli/failure.ts';

let folder: string;
let servers: Server[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-client-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener, path?: string): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 1}`);
}

const tcp = (url: URL): Address => ({ type: 'tcp', url });
const word = z.object({ word: z.string() });

/** What a request fails with. */
async function failure(work: Promise<unknown>): Promise<CliError> {
  return work.then(
    () => Promise.reject(new Error('It succeeded.')),
    (error: CliError) => error,
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('Client', () => {
  it('asks over the socket, and sends a key and a body', async () => {
    const path = join(folder, 'admin.sock');
    const otherwise = await serve((request, response) => {
      response.end(JSON.stringify({ word: `${request.url} over TCP` }));
    });
    await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { authorization } = request.headers;
        response.end(JSON.stringify({ word: `${request.method} ${authorization} ${body}` }));
      });
    }, path);
    const client = new Client({ type: 'socket', path, otherwise }, 'rk-1');
    expect(await client.post('/x', { a: 'ä' }, word)).toEqual({
      word: 'POST Bearer rk-1 {"a":"ä"}',
    });
    expect(client.place).toBe(path);
  });

  it('asks over TCP when nobody serves the socket', async () => {
    const otherwise = await serve((_request, response) => response.end('{"word":"TCP"}'));
    const path = join(folder, 'none.sock');
    const client = new Client({ type: 'socket', path, otherwise }, undefined);
    expect(await client.get('/x', word)).toEqual({ word: 'TCP' });
    expect(client.place).toBe(otherwise.origin);
  });

  it('reads lines however they are cut, JSON or server-sent events', async () => {
    const text =
      '{"word":"ä"}\n\n{"word":"two"}\n: beat\ndata: {"word":"three"}\n\ndata: [DONE]\n\n';
    const bytes = Buffer.from(text);
    const url = await serve(async (_request, response) => {
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const client = new Client(tcp(url), undefined);
    expect(await all(client.stream('/x', {}, word))).toEqual([
      { word: 'ä' },
      { word: 'two' },
      { word: 'three' },
    ]);
  });

  it('fails with the error at the end of a stream, after what came before', async () => {
    const url = await serve((_request, response) => {
      response.end('{"word":"one"}\n{"error":"the model crashed"}\n');
    });
    const seen: string[] = [];
    const read = async () => {
      for await (const part of new Client(tcp(url), undefined).stream('/x', {}, word)) {
        seen.push(part.word);
      }
    };
    expect((await failure(read())).message).toBe('the model crashed');
    expect(seen).toEqual(['one']);
  });

  it('says that a connection ended before its answer did', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"word":');
      setImmediate(() => response.destroy());
    });
    const error = await failure(new Client(tcp(url), undefined).get('/x', word));
    expect([error.kind, error.message]).toEqual([
      'failure',
      expect.stringContaining('ended before'),
    ]);
  });

  it('ends a request whose reader has enough', async () => {
    let closed: Promise<unknown> = Promise.reject(new Error('not asked'));
    closed.catch(() => {});
    const url = await serve((_request, response) => {
      closed = once(response, 'close');
      response.write('{"word":"one"}\n');
    });
    for await (const { word: text } of new Client(tcp(url), undefined).stream('/x', {}, word)) {
      expect(text).toBe('one');
      break;
    }
    await closed;
  });

  it('does not read faster than it is asked to', async () => {
    let isFull = false;
    const url = await serve(async (_request, response) => {
      const line = `${JSON.stringify({ word: 'x'.repeat(1000) })}\n`;
      for (let sent = 0; sent < 50_000 && !isFull; sent += 1) {
        if (!response.write(line)) {
          const drained = once(response, 'drain').then(() => false);
          const patience = new Promise<true>((resolve) => setTimeout(() => resolve(true), 500));
          isFull = await Promise.race([drained, patience]);
        }
      }
    });
    const lines = new Client(tcp(url), undefined).stream('/x', {}, word);
    await lines.next();
    while (!isFull) await new Promise((resolve) => setTimeout(resolve, 20));
    await lines.return(undefined);
  });

  it('tells what is no rkllamad', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(404);
      response.end('<html>');
    });
    const error = await failure(new Client(tcp(url), undefined).get('/x', word));
    expect(error.message).toBe(`${url.origin} answered 404, and is no rkllamad.`);
  });

  it('tells the error of another program, and where that leads', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/x') response.writeHead(404).end('{"message":"no route"}');
      else response.writeHead(301, { Location: `https://board.example${request.url}` }).end();
    });
    const client = new Client(tcp(url), undefined);
    const other = await failure(client.get('/x', word));
    expect([other.kind, other.message]).toEqual([
      'failure',
      `${url.origin} answered 404, and is no rkllamad.`,
    ]);
    const moved = await failure(client.get('/y', word));
    expect(moved.hint).toBe('It leads to https://board.example; is the daemon there?');
  });

  it('takes no word of another program for success', async () => {
    const url = await serve((request, response) => {
      response.end(request.method === 'DELETE' ? '<html>' : '');
    });
    const client = new Client(tcp(url), undefined);
    await client.send('POST', '/x', {});
    const error = await failure(client.send('DELETE', '/x', {}));
    expect(error.message).toContain('does not understand: <html>');
  });

  it.each([
    ['talks first', 'SSH-2.0-OpenSSH_9.2\r\n', 'http', 'does not speak HTTP'],
    ['speaks no TLS', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'https', 'does not speak TLS'],
  ])('tells a server that %s', async (_name, greeting, protocol, words) => {
    const server = createNetServer((socket) => socket.on('error', () => {}).write(greeting));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 1;
    const client = new Client(tcp(new URL(`${protocol}://127.0.0.1:${port}`)), undefined);
    const error = await failure(client.get('/x', word));
    server.close();
    expect([error.kind, error.message]).toEqual(['failure', expect.stringContaining(words)]);
  });

  it('tells a key that cannot be one', async () => {
    const url = await serve((_request, response) => response.end('{"word":"x"}'));
    const error = await failure(new Client(tcp(url), 'two\nlines').get('/x', word));
    expect([error.kind, error.message]).toEqual([
      'refused',
      'The API key has characters that no key has.',
    ]);
  });

  it.each(['at once', 'after the head'])('gives up a daemon that falls silent %s', async (when) => {
    const url = await serve((_request, response) => {
      if (when !== 'at once') response.write('{"word":');
    });
    const error = await failure(new Client(tcp(url), undefined).get('/x', word, 50));
    expect([error.kind, error.message]).toEqual([
      'unreachable',
      `The daemon does not answer at ${url.origin}: it has been silent for 0.05 s.`,
    ]);
  });

  it('tells an answer of another shape', async () => {
    const url = await serve((_request, response) => response.end('{"other":1}'));
    const error = await failure(new Client(tcp(url), undefined).get('/x', word));
    expect(error.message).toContain('does not understand: {"other":1}');
    expect(error.hint).toContain('rkllama version');
  });
});

describe('a refusal', () => {
  const place = 'http://board:8080';

  it.each([
    [400, { error: 'words' }, 'failure', 'words'],
    [401, { error: { message: 'no key', code: 'invalid_api_key' } }, 'refused', 'no key'],
    [403, { error: 'not yours', code: 'forbidden' }, 'refused', 'not yours'],
    [404, { error: "model 'm' not found" }, 'not_found', "model 'm' not found"],
    [503, { status: 'starting', reason: 'It starts.' }, 'failure', 'It starts.'],
  ])('%d %j is %s', (status, body, kind, message) => {
    const error = refusal(status, body, { place, socketIsDenied: false });
    expect([error?.kind, error?.message]).toEqual([kind, message]);
  });

  it('names the next step', () => {
    const hint = (status: number, socketIsDenied: boolean) =>
      refusal(status, { error: 'x' }, { place, socketIsDenied })?.hint;
    expect(hint(401, false)).toContain('--api-key');
    expect(hint(403, false)).toContain('On the board');
    expect(hint(403, true)).toContain('usermod -aG rkllama');
    expect(hint(401, true)).toContain('usermod -aG rkllama');
    expect(hint(400, true)).toBeUndefined();
  });

  it('says how the admin socket is reached where the daemon on this machine was asked over TCP', () => {
    const here = { place: 'http://127.0.0.1:8080', socketIsDenied: false };
    expect(refusal(403, { error: 'x' }, here)?.hint).toContain('RKLLAMA_ADMIN_SOCKET');
  });

  it('does not say twice how a key is made', () => {
    const told = { error: 'A key is needed: rkllama keys add NAME' };
    const { hint } = refusal(401, told, { place, socketIsDenied: false }) ?? {};
    expect(hint).toBe('Give a key with RKLLAMA_API_KEY or --api-key.');
  });
});

describe('no connection', () => {
  const failed = (code: string, place: string, socketIsDenied = false) =>
    connectionFailure(Object.assign(new Error('x'), { code }), { place, socketIsDenied });

  it('names the next step', () => {
    const here = failed('ECONNREFUSED', 'http://127.0.0.1:8080');
    expect(here.kind).toBe('unreachable');
    expect(here.message).toBe(
      'The daemon does not answer at http://127.0.0.1:8080: nothing listens there.',
    );
    expect(here.hint).toContain('sudo systemctl start rkllamad');
    expect(failed('EHOSTUNREACH', 'http://board:8080').hint).toContain('RKLLAMA_HOST=0.0.0.0');
    expect(failed('ECONNREFUSED', 'http://127.0.0.1:8080', true).hint).toContain('usermod');
  });
});
