import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Address } from './address.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

export interface RequestOptions {
  body?: object;
  apiKey: string | undefined;
  signal?: AbortSignal;
}

/** Patience for a machine that does not answer at all; an answer may take as long as it likes. */
const connectMs = 10_000;

/** Sends one request; resolves with the head of the answer. Rejects with Node's own error. */
export async function request(
  address: Address,
  method: Method,
  path: string,
  { body, apiKey, signal }: RequestOptions,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options = {
    method,
    agent: false as const,
    headers: {
      ...(text !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
      }),
      ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
    },
    ...(signal && { signal }),
  };
  if (address.type === 'socket') {
    return headOf(httpRequest({ ...options, socketPath: address.path, path }), text);
  }
  const url = new URL(path, address.url);
  if (url.protocol === 'http:') return headOf(httpRequest(url, options), text);
  const https = await import('node:https');
  return headOf(https.request(url, options), text);
}

function headOf(sent: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      sent.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
    }, connectMs);
    sent.once('socket', (socket) => socket.once('connect', () => clearTimeout(timer)));
    sent.once('close', () => clearTimeout(timer));
    sent.on('error', reject);
    sent.once('response', resolve);
    sent.end(body);
  });
}
