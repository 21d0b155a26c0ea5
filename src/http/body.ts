import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { ApplianceError } from '../errors.ts';

/** Reads a body whatever its Content-Type says: `curl -d` announces a form and sends JSON. */
export function bodyReader(limitBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: limitBytes });
}

/** The body as JSON, in the shape of `schema`; no body is `{}`. Throws `invalid_request`. */
export function parseBody<T>(schema: z.ZodType<T>, request: Request): T {
  const result = schema.safeParse(decodeJson(request.body));
  if (result.success) return result.data;
  throw new ApplianceError('invalid_request', describe(result.error), { cause: result.error });
}

function decodeJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return {};
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new ApplianceError('invalid_request', 'The request body is not valid UTF-8.', { cause });
  }
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApplianceError('invalid_request', 'The request body is not valid JSON.', { cause });
  }
}

/** "options.top_k: expected number, received string" for the first few problems. */
function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => {
      const field = path.length === 0 ? 'the request body' : path.map(String).join('.');
      return `${field}: ${message.replace(/^Invalid (input|option): /, '')}`;
    })
    .join('; ');
}
