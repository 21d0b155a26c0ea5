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
  assertBounded(text);
  return parseJson(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApplianceError('invalid_request', 'The request body is not valid JSON.', { cause });
  }
}

/** No schema or tool comes near it, and whoever walks through the body later needs a stack. */
const mostNesting = 128;
/** More than any conversation has. What makes a body large is text, which takes no more than its size. */
const mostValues = 50_000;

/** Before anything is made of the text: a value of two bytes can take hundreds in memory. */
function assertBounded(json: string): void {
  let level = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const token = json[at];
    if (token === '"') at = endOfString(json, at);
    else if (token === ',') values += 1;
    else if (token === ']' || token === '}') level -= 1;
    else if (token === '[' || token === '{') {
      level += 1;
      values += 1;
      if (level > mostNesting) refuse(`is nested deeper than ${mostNesting} levels`);
    }
    if (values > mostValues) refuse(`has more than ${mostValues} values`);
  }
}

function refuse(why: string): never {
  throw new ApplianceError('invalid_request', `The request body ${why}.`);
}

/** Where the string that begins at `start` ends; fast, because strings can be images. */
function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  for (; quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
  return json.length;
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
