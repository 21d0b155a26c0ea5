/** Fetches a release's library into memory; nothing is written before it is verified. */
import { ApplianceError } from '../errors.ts';
import type { Release } from './releases.ts';

/** Where the repository's host sends downloads; a leading dot means every host below. */
const contentHosts = ['github.com', '.githubusercontent.com'];
/** The library has 6 to 8 MB. */
const mostBytes = 64 * 2 ** 20;
const mostRedirects = 5;

export interface DownloadOptions {
  /** The repository or a mirror of it, without a slash at its end. */
  endpoint: string;
  signal?: AbortSignal | undefined;
  /** Called with every piece; `sizeBytes` is null where the server does not tell. */
  onProgress?: ((receivedBytes: number, sizeBytes: number | null) => void) | undefined;
  /** Silence after which the server is given up. */
  inactivityMs?: number | undefined;
}

/** Throws `pull_failed`. */
export async function download(release: Release, options: DownloadOptions): Promise<Buffer> {
  const endpoint = new URL(options.endpoint);
  const silence = new Silence(options.inactivityMs ?? 30_000);
  const signal = options.signal
    ? AbortSignal.any([options.signal, silence.signal])
    : silence.signal;
  let url = new URL(`${options.endpoint}/${release.commit}/${release.path}`);
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await fetch(url, { redirect: 'manual', signal });
      const next = redirectOf(response);
      if (next === null) return await body(response, silence, options.onProgress);
      await response.body?.cancel();
      url = new URL(next, url);
      checkHost(url, endpoint);
    }
    throw failed(`${endpoint.host} redirected more than ${mostRedirects} times`);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ApplianceError) throw error;
    if (silence.signal.aborted) throw failed(`${url.host} has gone silent`, error);
    throw failed(wordsOf(error, url.host), error);
  } finally {
    silence.end();
  }
}

function redirectOf({ status, headers }: Response): string | null {
  return [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null;
}

/** A download may only lead to where the repository keeps its files, and never out of encryption. */
export function checkHost(url: URL, endpoint: URL): void {
  const isAllowed =
    url.host === endpoint.host ||
    contentHosts.some((host) =>
      host.startsWith('.') ? url.hostname.endsWith(host) : url.host === host,
    );
  if (!isAllowed) throw failed(`${endpoint.host} sent the download to ${url.host}, a foreign host`);
  if (url.protocol !== 'https:' && url.protocol !== endpoint.protocol) {
    throw failed(`${endpoint.host} sent the download to ${url.origin}, which is not encrypted`);
  }
}

async function body(
  response: Response,
  silence: Silence,
  onProgress: DownloadOptions['onProgress'],
): Promise<Buffer> {
  if (response.status !== 200 || response.body === null) {
    throw failed(`${new URL(response.url).host} answered ${response.status}`);
  }
  const told = Number(response.headers.get('content-length'));
  // Fetch unpacks compressed answers: their length is another one.
  const sizeBytes = told > 0 && !response.headers.has('content-encoding') ? told : null;
  const pieces: Uint8Array[] = [];
  let received = 0;
  for await (const piece of response.body) {
    silence.heard();
    received += piece.length;
    if (received > mostBytes) throw failed('the file is too large for a runtime library');
    pieces.push(piece);
    onProgress?.(received, sizeBytes);
  }
  if (sizeBytes !== null && received < sizeBytes) throw failed('the connection was cut');
  return Buffer.concat(pieces);
}

/** Aborts when nothing has been heard for a while. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function failed(why: string, cause?: unknown): ApplianceError {
  return new ApplianceError(
    'pull_failed',
    `The runtime could not be downloaded: ${why}. Nothing was installed. ` +
      'A board without a way to the internet takes a file: rkllama runtime install --file PATH',
    { cause },
  );
}

/** Fetch hides the reason in the cause. */
function wordsOf(error: unknown, host: string): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name ${host} is not known here`;
  if (code === 'ECONNREFUSED') return `nothing listens at ${host}`;
  return `${host}: ${cause instanceof Error ? cause.message : String(cause)}`;
}
