import type { Request, Response } from 'express';
import * as z from 'zod';
import { ApplianceError } from '../../errors.ts';
import type { Handler } from '../routing.ts';

/** A switch in a query: `?all`, `?all=true`, `?all=1`; left out it is off. */
export const yesOrNo = z
  .literal(['true', 'false', '1', '0', ''], 'expected true or false')
  .optional()
  .transform((value) => value !== undefined && !['false', '0'].includes(value));

/** A handler with parameters in its query, which `/api-docs` tells of by the same schema. Throws `invalid_request`. */
export function withQuery<T extends z.ZodObject>(
  query: T,
  handle: (query: z.output<T>, request: Request, response: Response) => Promise<void>,
): Handler {
  const handler = (request: Request, response: Response) =>
    handle(parseQuery(query, request), request, response);
  return Object.assign(handler, { query });
}

function parseQuery<T extends z.ZodObject>(schema: T, request: Request): z.output<T> {
  const result = schema.safeParse(request.query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ApplianceError(
    'invalid_request',
    `${issue?.path.map(String).join('.')}: ${issue?.message.replace(/^Invalid input: /, '')}`,
  );
}

/** A `:name` of the path, decoded. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
