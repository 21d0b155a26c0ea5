/** A failure that another try may cure: a cut, a time-out, 429, 5xx, an error page. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** From the server's `Retry-After`. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * The hub's answers no longer fit together: what it says of the file has to be asked again, and
 * the download begins again from what is then still true.
 */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
  /** The hash has shown that the bytes at hand are wrong. */
  readonly isContentBad: boolean;

  constructor(message: string, options: { isContentBad?: boolean } = {}) {
    super(message);
    this.isContentBad = options.isContentBad ?? false;
  }
}
