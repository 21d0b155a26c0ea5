import { TransientFailure } from './failures.ts';
import type { HostPolicy } from './hosts.ts';
import { InactivityWatch } from './inactivity.ts';
import { refusal } from './refusal.ts';
import { retryAfterMs, withRetries } from './retry.ts';
import type { Tuning } from './tuning.ts';

export interface HubClientOptions {
  hosts: HostPolicy;
  /** Sent to `tokenOrigin` and to no other. */
  token: string | undefined;
  tokenOrigin: string;
  fetch: typeof fetch;
  tuning: Tuning;
}

/** An answer after all redirects. Whoever got it reads or closes it. */
export interface OpenAnswer {
  response: Response;
  /** Where the answer came from. */
  url: URL;
  /** Headers of the answers on the way, the first being the hub's own, then the final ones. */
  hops: readonly Headers[];
  watch: InactivityWatch;
  /** Drops the rest of the body and the timers. */
  close(): Promise<void>;
}

const maxRedirects = 6;
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
  async open(start: URL, init: RequestInit, signal: AbortSignal): Promise<OpenAnswer> {
    const watch = new InactivityWatch(signal, this.#options.tuning.inactivityMs, start.host);
    const hops: Headers[] = [];
    let url = start;
    try {
      for (;;) {
        this.#options.hosts.check(url);
        const response = await this.#request(url, init, watch.signal);
        hops.push(response.headers);
        const location = response.headers.get('location');
        if (!redirectStatuses.has(response.status) || location === null) {
          const close = async () => {
            watch.close();
            await discard(response);
          };
          if (!transientStatuses.has(response.status)) return { response, url, hops, watch, close };
          await close();
          throw new TransientFailure(`${url.host} answered ${response.status}`, {
            retryAfterMs: retryAfterMs(response.headers),
          });
        }
        await discard(response);
        if (hops.length > maxRedirects) throw new TransientFailure('too many redirects');
        if (!URL.canParse(location, url.href))
          throw new TransientFailure('a redirect leads nowhere');
        url = new URL(location, url.href);
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
      return withRetries(`Asking ${url.host} for ${subject}`, tuning, signal, async () => {
        const answer = await this.open(url, init, signal);
        try {
          const { response } = answer;
          if (!response.ok) throw await refusal(response, subject);
          if (isWebPage(response)) {
            throw new TransientFailure(`${url.host} sent a web page instead of data`);
          }
          // Metadata is small; reading it here puts the body under the same retries and time-outs.
          const body = await readLimited(answer, maxMetadataBytes);
          return new Response(body, { status: 200, headers: response.headers });
        } finally {
          await answer.close();
        }
      });
    };
  }

  async #request(url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(init.headers);
    // Compressed bytes have other offsets than the file.
    headers.set('accept-encoding', 'identity');
    headers.delete('authorization');
    const { token, tokenOrigin } = this.#options;
    if (token && url.origin === tokenOrigin) headers.set('authorization', `Bearer ${token}`);
    try {
      return await this.#options.fetch(url, { ...init, headers, signal, redirect: 'manual' });
    } catch (error) {
      signal.throwIfAborted();
      throw networkFailure(url.host, error);
    }
  }
}

/** What captive portals and broken proxies send instead of what was asked for. */
export function isWebPage(response: Response): boolean {
  return /\b(html|xml)\b/i.test(response.headers.get('content-type') ?? '');
}

const maxMetadataBytes = 64 * 1024 * 1024;

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
  try {
    for await (const chunk of answer.response.body ?? []) {
      answer.watch.touch();
      size += chunk.byteLength;
      if (size > limitBytes) throw new TransientFailure(`${answer.url.host} sent too much`);
      chunks.push(chunk);
    }
  } catch (error) {
    answer.watch.signal.throwIfAborted();
    throw networkFailure(answer.url.host, error);
  }
  return Buffer.concat(chunks);
}

/** What `fetch` throws, in words: its own message is only "fetch failed". */
export function networkFailure(host: string, error: unknown): TransientFailure {
  if (error instanceof TransientFailure) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransientFailure(`the connection to ${host} failed (${reason})`, { cause: error });
}

async function discard(response: Response): Promise<void> {
  // The body may already be locked, read or broken; there is nothing left to save of it.
  await response.body?.cancel().catch(() => undefined);
}
