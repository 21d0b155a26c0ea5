/** What the server does with clients that are many, slow or broken; on real sockets. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limitServer, type ServerLimits } from '../../src/http/server-limits.ts';

const generous: ServerLimits = {
  maxConnections: 100,
  maxConnectionsPerClient: 100,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  stalledReaderTimeoutMs: 60_000,
};

let server: Server;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

async function listen(limits: Partial<ServerLimits>, listener?: RequestListener): Promise<void> {
  const hello: RequestListener = (_request, response) => void response.end('hello');
  // Node looks for late requests this often; by default every thirty seconds.
  server = createServer({ connectionsCheckingInterval: 20 }, listener ?? hello);
  limitServer(server, { ...generous, ...limits });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

async function open(from = '127.0.0.1'): Promise<Socket> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const socket = connect({ port: address.port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** All that the server sends until it closes the connection. */
async function rest(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.destroyed) await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const head = 'GET / HTTP/1.1\r\nHost: board\r\n';

describe('a client that is slow', () => {
  it('with its headers is told so and cut off', async () => {
    await listen({ headersTimeoutMs: 50 });
    const socket = await open();
    socket.write('GET / HTTP/1.1\r\nHost: bo');
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 408 .*did not arrive in time/s);
  });

  it('with its body is told so and cut off', async () => {
    await listen({ headersTimeoutMs: 50, requestTimeoutMs: 60 }, (request) => request.resume());
    const socket = await open();
    socket.write('POST / HTTP/1.1\r\nHost: board\r\nContent-Length: 100\r\n\r\n{');
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 408 .*did not arrive in time/s);
  });

  it('with its next request loses its connection', async () => {
    // Node adds a second, so that a request that is on its way still arrives.
    await listen({ idleTimeoutMs: 20 });
    const socket = await open();
    socket.write(`${head}\r\n`);
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 200 .*hello$/s);
  });

  it('to read loses its connection, and with it what was kept for it', async () => {
    let sent = 0;
    await listen({ stalledReaderTimeoutMs: 100 }, (_request, response) => {
      response.on('drain', fill);
      function fill() {
        do sent += 65_536;
        while (response.write(Buffer.alloc(65_536)));
      }
      fill();
    });
    const closed = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    const socket = await open();
    socket.pause();
    socket.write(`${head}\r\n`);
    await closed;
    // Nobody has read them; they are in buffers, which are full.
    expect(sent).toBeGreaterThan(65_536);
  });
});

describe('a client that sends many requests behind one another', () => {
  async function send(count: number): Promise<number> {
    await listen({}, (_request, response) => {
      setTimeout(() => response.end('hello'), 20);
    });
    const socket = await open();
    socket.write(`${`${head}\r\n`.repeat(count - 1)}${head}Connection: close\r\n\r\n`);
    return [...(await rest(socket)).matchAll(/hello/g)].length;
  }

  it('gets an answer to each', async () => {
    expect(await send(16)).toBe(16);
  });

  it('is cut off when it leaves too many for later', async () => {
    expect(await send(17)).toBe(0);
  });
});

describe('a client that waits', () => {
  it('for an answer that is long in the making gets it', async () => {
    await listen(
      {
        stalledReaderTimeoutMs: 300,
        headersTimeoutMs: 300,
        requestTimeoutMs: 300,
        idleTimeoutMs: 300,
      },
      (_request, response) => {
        setTimeout(() => response.end('at last'), 1000);
      },
    );
    const socket = await open();
    socket.write(`${head}Connection: close\r\n\r\n`);
    expect(await rest(socket)).toMatch(/at last$/);
  });

  it('for the answer to a request that it sent behind another gets it', async () => {
    const answers = ['first;', 'second;'];
    await listen({ stalledReaderTimeoutMs: 300, requestTimeoutMs: 300 }, (_request, response) => {
      const text = answers.shift();
      setTimeout(() => response.end(text), text === 'first;' ? 50 : 1000);
    });
    const socket = await open();
    socket.write(`${head}\r\n${head}Connection: close\r\n\r\n`);
    expect(await rest(socket)).toMatch(/first;.*second;$/s);
  });

  it('for parts that come seldom gets all of them', async () => {
    await listen({ stalledReaderTimeoutMs: 300, requestTimeoutMs: 300 }, (_request, response) => {
      let parts = 0;
      const timer = setInterval(() => {
        response.write(`part ${++parts};`);
        if (parts < 3) return;
        clearInterval(timer);
        response.end();
      }, 500);
    });
    const socket = await open();
    socket.write(`${head}Connection: close\r\n\r\n`);
    expect(await rest(socket)).toMatch(/part 1;.*part 3;/s);
  });
});

describe('connections', () => {
  it('of one address are so many, and those of another do not count', async () => {
    await listen({ maxConnectionsPerClient: 2 });
    const first = await open();
    await open();
    expect(await rest(await open())).toBe('');
    const other = await open('127.0.0.2');
    other.write(`${head}Connection: close\r\n\r\n`);
    expect(await rest(other)).toMatch(/^HTTP\/1\.1 200/);

    first.destroy();
    await expect
      .poll(async () => {
        const next = await open();
        next.write(`${head}Connection: close\r\n\r\n`);
        return rest(next);
      })
      .toMatch(/^HTTP\/1\.1 200/);
  });

  it('of all together are so many', async () => {
    await listen({ maxConnections: 1 });
    await open('127.0.0.2');
    expect(await rest(await open())).toBe('');
  });
});

describe('what is no request', () => {
  it.each([
    ['a greeting', 'HELO board\r\n\r\n', /^HTTP\/1\.1 400 .*not a request of HTTP/s],
    ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, /^HTTP\/1\.1 400 /],
    [
      'a length and chunks',
      `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      '17 KiB of headers',
      `${head}X-Long: ${'a'.repeat(17 * 1024)}\r\n\r\n`,
      /^HTTP\/1\.1 431 .*larger than 16 KiB/s,
    ],
    ['very many headers', `${head}${'X-A: b\r\n'.repeat(5000)}\r\n`, /^HTTP\/1\.1 431 /],
  ])(
    'such as %s is answered in words, and the connection closed',
    async (_what, bytes, expected) => {
      await listen({});
      const socket = await open();
      socket.write(bytes);
      expect(await rest(socket)).toMatch(expected);
    },
  );

  it('does not disturb an answer that is being sent', async () => {
    let finish = () => {};
    await listen({}, (_request, response) => {
      response.write('first half, ');
      finish = () => void response.end('second half');
    });
    const socket = await open();
    socket.write(`${head}\r\n`);
    await once(socket, 'readable');
    socket.write('GARBAGE\r\n\r\n');
    const text = await rest(socket);
    finish();
    expect(text).toContain('first half');
    expect(text).not.toContain('400');
  });
});
