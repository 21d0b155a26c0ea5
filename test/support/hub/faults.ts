/** A request as the stand-in hub sees it. */
export interface HubRequest {
  /** `api`: metadata; `resolve`: the hub's own download address; `content`: the CDN. */
  kind: 'api' | 'resolve' | 'content';
  method: string;
  /** Path with query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The first byte asked for; 0 without a range. */
  rangeStart: number;
  /** How many requests of this kind came before. */
  index: number;
  /** The address the request came in at, `127.0.0.1`. */
  localAddress: string;
}

/** What goes wrong with one answer; several can come together. */
export interface Fault {
  /** Another status, with `headers` and `body`, instead of the answer. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Status 200 with a web page instead of the answer. */
  html?: string;
  /** A redirect instead of the answer. */
  redirectTo?: string;
  /** The connection breaks after so many bytes of the body. */
  cutAfterBytes?: number;
  /** Nothing more comes after so many bytes, but the connection stays. */
  stallAfterBytes?: number;
  bytesPerSecond?: number;
  /** The whole file, with status 200, whatever range was asked for. */
  ignoreRange?: boolean;
  /** One byte of the body is another. */
  corrupt?: boolean;
  /** Another entity tag. */
  etag?: string;
}

/** Asked for every request; undefined lets it pass. */
export type Faults = (request: HubRequest) => Fault | undefined;
