/** One answer, redirects included, whose body is still to be read. */
export interface Answer {
  status: number;
  headers: Headers;
  body: AsyncIterable<Uint8Array>;
  /** Lets the connection serve the next request; for bodies that are short. */
  drain(): void;
  /** Gives the connection up if the body was not read to its end. */
  destroy(): void;
}

export interface TransportRequest {
  method: string;
  headers: Headers;
  body?: string;
  signal: AbortSignal;
}

/** Sends one request; follows nothing, retries nothing. */
export type Transport = (url: URL, request: TransportRequest) => Promise<Answer>;

/** A transport over somebody else's `fetch`. */
export function fetchTransport(send: typeof fetch): Transport {
  return async (url, { method, headers, body, signal }) => {
    const init: RequestInit = { method, headers, signal, redirect: 'manual' };
    const response = await send(url, body === undefined ? init : { ...init, body });
    const cancel = () => {
      // The body may be locked or broken by now; there is nothing left to save of it.
      response.body?.cancel().catch(() => undefined);
    };
    return {
      status: response.status,
      headers: response.headers,
      body: response.body ?? noBody(),
      drain: cancel,
      destroy: cancel,
    };
  };
}

async function* noBody(): AsyncGenerator<Uint8Array, void, undefined> {}

/**
 * The transport of `http-transport.ts`, loaded with the first request: a daemon that pulls nothing
 * has better uses for the memory that node:http takes as a module.
 */
export function httpTransport(): Transport {
  let loaded: Promise<Transport> | undefined;
  return async (url, request) => {
    loaded ??= import('./http-transport.ts').then((module) => module.createHttpTransport());
    return (await loaded)(url, request);
  };
}
