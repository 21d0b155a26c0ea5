import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

export interface RawRequest {
  method?: string;
  /** Sent as it is: nothing folds its dots away. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON, a text as it is. */
  body?: unknown;
}

export interface RawAnswer {
  status: number;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

/** A request to the admin socket (its path) or to a URL. */
export async function askRaw(where: string, wanted: RawRequest): Promise<RawAnswer> {
  const response = await openRaw(where, wanted);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, text, json: parsed(text) };
}

/** The same, as soon as the answer begins. */
export async function openRaw(
  where: string,
  { method, path, headers, body }: RawRequest,
): Promise<IncomingMessage> {
  const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const place = where.startsWith('/')
    ? { socketPath: where }
    : { host: new URL(where).hostname, port: new URL(where).port };
  const sent = request({
    ...place,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    path,
    headers: {
      ...headers,
      ...(payload !== undefined && { 'Content-Length': Buffer.byteLength(payload) }),
    },
    agent: false,
  });
  sent.end(payload);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (!response) throw new Error('no response');
  return response;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
