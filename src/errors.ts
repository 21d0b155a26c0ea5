/**
 * The one error class of the appliance. Every layer throws it, every dialect renders it in its own
 * shape; anything else that reaches a dialect is a defect and is answered as `internal_error`.
 */

/** What went wrong, as a stable word; `statusOf` gives the HTTP status a dialect starts from. */
export type ErrorCode = keyof typeof statusByCode;

const statusByCode = {
  invalid_request: 400,
  unsupported: 400,
  context_length_exceeded: 400,
  model_already_loaded: 400,
  model_not_loaded: 400,
  model_unusable: 400,
  model_ambiguous: 400,
  invalid_api_key: 401,
  forbidden: 403,
  host_not_allowed: 403,
  origin_not_allowed: 403,
  pull_failed: 502,
  model_not_found: 404,
  pull_not_found: 404,
  key_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  model_in_use: 409,
  payload_too_large: 413,
  rate_limit_exceeded: 429,
  too_many_headers: 431,
  client_closed_request: 499,
  internal_error: 500,
  models_folder_missing: 500,
  load_failed: 500,
  runtime_failed: 500,
  runtime_crashed: 500,
  runtime_not_found: 503,
  runtime_unsupported: 503,
  model_unloaded: 503,
  queue_full: 503,
  insufficient_memory: 503,
  stopping: 503,
  insufficient_storage: 507,
} as const;

/** The HTTP status that fits `code` where a dialect has no rule of its own. */
export function statusOf(code: ErrorCode): number {
  return statusByCode[code];
}

interface ErrorOptions {
  cause?: unknown;
  /** Seconds after which trying again makes sense. */
  retryAfterSeconds?: number;
}

/** An error with a stable code and a sentence that a board's owner can act on. */
export class ApplianceError extends Error {
  override readonly name = 'ApplianceError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
