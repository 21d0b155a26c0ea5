import type { Request } from 'express';
import * as z from 'zod';
import { ApplianceError } from '../../errors.ts';

/** A switch in a query: `?all`, `?all=true`, `?all=1`; left out it is off. */
export const yesOrNo = z
  .enum(['', 'true', '1', 'false', '0'], 'expected true or false')
  .optional()
  .transform((value) => value !== undefined && !['false', '0'].includes(value));

/** The query in the shape of `schema`. Throws `invalid_request`. */
export function parseQuery<T>(schema: z.ZodType<T>, request: Request): T {
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
