import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Answer, Transport } from './transport.ts';

const idleMs = 15_000;
const readBytes = 64 * 1024;

/**
 * The transport for gigabytes: over node:http, with one read buffer per connection. Node otherwise
 * allocates one for every read, and waits with collecting them until some fifty to a hundred
 * megabytes have gathered (measured: bench/pull.ts), which a board has better uses for.
 */
export function createHttpTransport(): Transport {
  const plain = new http.Agent({ keepAlive: true, timeout: idleMs });
  const secure = new https.Agent({ keepAlive: true, timeout: idleMs });
  plain.createConnection = (options) => {
    const socket: net.Socket = net.connect({
      ...addressOf(options),
      onread: readInto(() => socket),
    });
    return socket;
  };
  secure.createConnection = (options) => {
    const address = addressOf(options);
    // TLS sockets take `onread` as TCP sockets do (lib/_tls_wrap.js), though the types leave it out.
    const secureOptions = {
      ...address,
      servername: net.isIP(address.host) ? '' : address.host,
      ALPNProtocols: ['http/1.1'],
      onread: readInto(() => socket),
    };
    const socket: tls.TLSSocket = tls.connect(secureOptions);
    return socket;
  };
  const send: Transport = (url, request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const isSecure = url.protocol === 'https:';
    const outgoing = (isSecure ? https : http).request(url, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      agent: isSecure ? secure : plain,
      signal: request.signal,
    });
    let isAnswered = false;
    outgoing.once('response', (incoming) => {
      isAnswered = true;
      resolve(answerOf(incoming));
    });
    outgoing.on('error', (error) => {
      // After the answer it is the body that tells of it.
      if (isAnswered) return;
      // The server closed an idle connection just when it was taken again: that is no failure.
      const wasStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (wasStale && !request.signal.aborted) resolve(send(url, request));
      else reject(error);
    });
    outgoing.end(request.body);
    return promise;
  };
  return send;
}

function addressOf({ host, port }: http.ClientRequestArgs): { host: string; port: number } {
  return { host: host ?? 'localhost', port: Number(port) };
}

/** The HTTP parser copies what it keeps, so the next read may overwrite this one. */
function readInto(socket: () => net.Socket): net.OnReadOpts {
  return {
    buffer: Buffer.allocUnsafe(readBytes),
    callback: (length, buffer) => {
      socket().emit('data', buffer.subarray(0, length));
      return true;
    },
  };
}

function answerOf(incoming: http.IncomingMessage): Answer {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  // Without a listener an error after the body was given up would end the process.
  incoming.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    headers,
    body: incoming,
    drain: () => incoming.resume(),
    destroy: () => {
      if (!incoming.readableEnded) incoming.destroy();
    },
  };
}
