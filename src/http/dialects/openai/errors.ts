import type { Response } from 'express';
import * as z from 'zod';
import { ApplianceError, type ErrorCode, statusOf } from '../../../errors.ts';

/** An error that one field of the request is to blame for. */
export class ParameterError extends ApplianceError {
  /** The field's name on the wire. */
  readonly param: string;

  constructor(code: ErrorCode, param: string, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    this.param = param;
  }
}

/** OpenAI's error object: all four keys are always there. */
export const wireError = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

type WireError = z.output<typeof wireError>;

/** Codes where a second try cannot help; OpenAI's SDKs would make two of every 5xx and 409. */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  'model_in_use',
  'internal_error',
  'models_folder_missing',
  'load_failed',
  'runtime_not_found',
  'runtime_unsupported',
  'insufficient_storage',
]);

/** Codes that always mean the model that was asked for. */
const aboutModel: ReadonlySet<ErrorCode> = new Set([
  'model_not_found',
  'model_not_loaded',
  'model_ambiguous',
  'model_unusable',
]);

export function renderError(error: ApplianceError, response: Response): void {
  if (hopeless.has(error.code)) response.set('X-Should-Retry', 'false');
  response.status(statusOf(error.code)).json(errorObject(error));
}

/** What a body says, and a stream that fails after its first byte. */
export function errorObject(error: ApplianceError): WireError {
  return {
    error: {
      message: error.message,
      type: typeOf(statusOf(error.code)),
      param: paramOf(error),
      code: codeOf(error),
    },
  };
}

function typeOf(status: number): string {
  if (status === 503) return 'unavailable_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function codeOf(error: ApplianceError): string | null {
  if (error.code === 'invalid_request') return null;
  const isParameter = error.code === 'unsupported' && error instanceof ParameterError;
  return isParameter ? 'unsupported_parameter' : error.code;
}

function paramOf(error: ApplianceError): string | null {
  if (error instanceof ParameterError) return error.param;
  if (error.cause instanceof z.ZodError) {
    return error.cause.issues[0]?.path.map(String).join('.') || null;
  }
  return aboutModel.has(error.code) ? 'model' : null;
}
