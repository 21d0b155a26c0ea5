import { TransientFailure } from './failures.ts';
import type { HostPolicy } from './hosts.ts';
import { InactivityWatch } from './inactivity.ts';
import { refusal } from './refusal.ts';
import { retryAfterMs, withRetries } from './retry.ts';
import type { Answer, Transport } from './transport.ts';
import type { Tuning } from './tuning.ts';

export interface HubClientOptions {
  hosts: HostPolicy;
  /** Sent to `tokenOrigin` and to no other. */
  token: string | undefined;
  tokenOrigin: string;
  transport: Transport;
  tuning: Tuning;
}

export interface HubRequest {
  method?: string;
  headers?: RequestInit['headers'];
  body?: string;
}

/** An answer after all redirects. Whoever got it closes it. */
export interface OpenAnswer {
  status: number;
  headers: Headers;
  /** Where the answer came from. */
  url: URL;
  /** Headers of the answers on the way, the first being the hub's own, the last the final ones. */
  hops: readonly Headers[];
  /** @throws TransientFailure when the connection breaks; the signal's reason */
  body: AsyncIterable<Uint8Array>;
  watch: InactivityWatch;
  /** Drops the rest of the body and the timers. */
  close(): void;
}

const maxRedirects = 6;
const maxMetadataBytes = 64 * 1024 * 1024;
const maxDrainedBytes = 64 * 1024;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** HTTP to the hubs: redirects by hand and only to allowed hosts, the token only to its hub. */
export class HubClient {
  readonly #options: HubClientOptions;

  constructor(options: HubClientOptions) {
    this.#options = options;
  }

  /**
   * One request, following redirects. Any final status comes back, except those worth another try.
   * @throws TransientFailure on a network failure, a time-out, 429 and 5xx
   * @throws ApplianceError `pull_failed` when a redirect leaves the allowed hosts
   */
  async open(start: URL, request: HubRequest, signal: AbortSignal): Promise<OpenAnswer> {
    const watch = new InactivityWatch(signal, this.#options.tuning.inactivityMs, start.host);
    const hops: Headers[] = [];
    let url = start;
    try {
      for (;;) {
        this.#options.hosts.check(url);
        const answer = await this.#send(url, request, watch.signal);
        hops.push(answer.headers);
        const next = redirectTarget(answer, url);
        if (next === null) {
          if (!transientStatuses.has(answer.status)) return opened(answer, url, hops, watch);
          answer.destroy();
          throw new TransientFailure(`${url.host} answered ${answer.status}`, {
            retryAfterMs: retryAfterMs(answer.headers),
          });
        }
        if (isShort(answer.headers)) answer.drain();
        else answer.destroy();
        if (hops.length > maxRedirects) throw new TransientFailure('too many redirects');
        url = next;
      }
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  /**
   * A `fetch` for metadata, retried, whose refusals are told in terms of `subject`.
   * The hub library gets this one, so that hosts, token and time-outs are the same everywhere.
   */
  metadataFetch(subject: string, signal: AbortSignal): typeof fetch {
    return async (input, init = {}) => {
      const url = new URL(input instanceof Request ? input.url : input.toString());
      const { metadataAttempts: attempts } = this.#options.tuning;
      const tuning = { ...this.#options.tuning, attempts };
      const { method = 'GET', headers = {}, body } = init;
      const request = { method, headers, ...(typeof body === 'string' ? { body } : {}) };
      const work = { what: `Asking ${url.host} for ${subject}`, advice: 'Try again later.' };
      return withRetries(work, tuning, signal, async () => {
        const answer = await this.open(url, request, signal);
        try {
          if (answer.status !== 200) throw refusal(answer, subject);
          if (isWebPage(answer.headers)) {
            throw new TransientFailure(`${url.host} sent a web page instead of data`);
          }
          // Metadata is small; reading it here puts the body under the same retries and time-outs.
          const content = await readLimited(answer, maxMetadataBytes);
          return new Response(content, { status: 200, headers: answer.headers });
        } finally {
          answer.close();
        }
      });
    };
  }

  async #send(url: URL, request: HubRequest, signal: AbortSignal): Promise<Answer> {
    const { method = 'GET', body } = request;
    const headers = new Headers(request.headers);
    // Compressed bytes have other offsets than the file.
    headers.set('accept-encoding', 'identity');
    headers.set('user-agent', 'rkllamad');
    headers.delete('authorization');
    const { token, tokenOrigin, transport } = this.#options;
    if (token && url.origin === tokenOrigin) headers.set('authorization', `Bearer ${token}`);
    const content = body === undefined ? {} : { body };
    try {
      return await transport(url, { method, headers, signal, ...content });
    } catch (error) {
      signal.throwIfAborted();
      throw networkFailure(url.host, error);
    }
  }
}

function redirectTarget({ status, headers }: Answer, from: URL): URL | null {
  const location = headers.get('location');
  if (!redirectStatuses.has(status) || location === null) return null;
  if (!URL.canParse(location, from.href)) {
    throw new TransientFailure(`${from.host} redirects to nowhere`);
  }
  return new URL(location, from.href);
}

/** Whether reading a body that nobody needs costs less than a new connection. */
function isShort(headers: Headers): boolean {
  const length = headers.get('content-length');
  return length !== null && Number(length) <= maxDrainedBytes;
}

function opened(
  { status, headers, body, destroy }: Answer,
  url: URL,
  hops: readonly Headers[],
  watch: InactivityWatch,
): OpenAnswer {
  const close = () => {
    watch.close();
    destroy();
  };
  return { status, headers, url, hops, watch, close, body: watched(body, url.host, watch) };
}

async function* watched(
  body: AsyncIterable<Uint8Array>,
  host: string,
  watch: InactivityWatch,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of body) {
      watch.touch();
      yield chunk;
    }
  } catch (error) {
    watch.signal.throwIfAborted();
    throw networkFailure(host, error);
  }
}

/** What captive portals and broken proxies send instead of what was asked for. */
export function isWebPage(headers: Headers): boolean {
  return /\b(html|xml)\b/i.test(headers.get('content-type') ?? '');
}

/**
 * The whole body of a small answer.
 * @throws TransientFailure when it breaks off or is larger than `limitBytes`
 */
export async function readLimited(
  answer: OpenAnswer,
  limitBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw new TransientFailure(`${answer.url.host} sent too much`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` hides the reason in the cause of "fetch failed". */
function networkFailure(host: string, error: unknown): TransientFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransientFailure(`the connection to ${host} failed (${reason})`, { cause: error });
}
