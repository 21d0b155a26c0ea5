import type { Server, ServerResponse } from 'node:http';

/** What a server takes of clients that are many, slow or broken. */
export interface ServerLimits {
  maxConnections: number;
  /** From one address. */
  maxConnectionsPerClient: number;
  /** For the head of a request. */
  headersTimeoutMs: number;
  /** For a whole request; its answer may take as long as it does. */
  requestTimeoutMs: number;
  /** For a next request on the same connection. */
  idleTimeoutMs: number;
  /** For a client to read anything of what was sent to it. */
  stalledReaderTimeoutMs: number;
}

/**
 * Requests that a client may send behind one another before it has their answers. Node takes in as
 * many as there are in what it reads at once, a thousand and more, and each costs memory.
 */
const mostUnanswered = 16;

/** Sets the limits of a server that listens on the network. */
export function limitServer(server: Server, limits: ServerLimits): void {
  server.maxConnections = limits.maxConnections;
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.keepAliveTimeout = limits.idleTimeoutMs;
  server.timeout = limits.stalledReaderTimeoutMs;
  /** Answers under way, in their order: a client may send requests behind one another. */
  const answers = new WeakMap<object, Set<ServerResponse>>();
  server.on('request', ({ socket }, response) => {
    const underway = answers.get(socket) ?? new Set();
    answers.set(socket, underway.add(response));
    response.once('close', () => underway.delete(response));
    if (underway.size > mostUnanswered) socket.destroy();
  });
  limitPerClient(server, limits.maxConnectionsPerClient);
  server.on('timeout', (socket) => {
    const isWaited = Boolean(answers.get(socket)?.size) && socket.writableLength === 0;
    // An answer that is still being made sends nothing, and that may take its time.
    if (isWaited) socket.setTimeout(limits.stalledReaderTimeoutMs);
    else socket.destroy();
  });
  server.on('clientError', (error, socket) => {
    const [answer] = answers.get(socket) ?? [];
    if (socket.writable && !answer?.headersSent) socket.write(refusalOf(error));
    socket.destroy();
  });
}

function limitPerClient(server: Server, most: number): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const client = socket.remoteAddress ?? '';
    const count = (counts.get(client) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    counts.set(client, count);
    socket.once('close', () => {
      const left = (counts.get(client) ?? 0) - 1;
      if (left > 0) counts.set(client, left);
      else counts.delete(client);
    });
  });
}

/** The whole answer to what is no request; in the shape that three of the APIs share. */
function refusalOf(error: Error): string {
  const [status, words] = reasonOf(Reflect.get(error, 'code'));
  const body = JSON.stringify({ error: words });
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function reasonOf(code: unknown): [status: string, words: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'The headers are larger than 16 KiB.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'The request did not arrive in time.'];
    default:
      return ['400 Bad Request', 'This is not a request of HTTP/1.1.'];
  }
}
