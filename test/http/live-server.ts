import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Express } from 'express';

/** An app on a real port of this machine, for tests that must see sockets and not answers. */
export class LiveServer {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(app: Express): Promise<LiveServer> {
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LiveServer(server);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends a JSON request as raw bytes and returns the socket, nothing of the answer read yet. */
  async post(path: string, body: object): Promise<Socket> {
    const json = JSON.stringify(body);
    const socket = connect(this.port, '127.0.0.1');
    this.#sockets.push(socket);
    await once(socket, 'connect');
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(json)}\r\n` +
        `Connection: close\r\n\r\n${json}`,
    );
    return socket;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** One request with a body of any bytes, which supertest would re-encode. */
export async function sendRaw(
  app: Express,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer,
): Promise<{ status: number; body: unknown }> {
  const server = await LiveServer.start(app);
  try {
    const url = `http://127.0.0.1:${server.port}${path}`;
    const response = await fetch(url, { method, headers, body: new Uint8Array(Buffer.from(body)) });
    return { status: response.status, body: await response.json() };
  } finally {
    await server.stop();
  }
}

/** Waits until a number has not changed for a while; a test whose number never rests fails by its time. */
export async function standstill(read: () => number): Promise<number> {
  for (;;) {
    const before = read();
    await setTimeout(200);
    if (read() === before) return before;
  }
}

/** Everything that `socket` still receives, until its end. */
export async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks).toString('utf8');
}
