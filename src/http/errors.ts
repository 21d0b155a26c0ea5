import type { Logger } from 'pino';
import * as z from 'zod';
import { ApplianceError } from '../errors.ts';

/** What express and its body reader throw (http-errors). */
const httpError = z.object({ status: z.int().min(400).max(499), message: z.string() });

/** Gives whatever was thrown a code. A defect is logged here, and told without its inside. */
export function toApplianceError(thrown: unknown, log: Logger): ApplianceError {
  if (thrown instanceof ApplianceError) return thrown;
  const known = httpError.safeParse(thrown);
  if (known.success) {
    return known.data.status === 413
      ? new ApplianceError('payload_too_large', 'The request body is too large.')
      : new ApplianceError(
          'invalid_request',
          `The request could not be read: ${known.data.message}.`,
        );
  }
  log.error({ err: thrown }, 'unexpected error in a request');
  return new ApplianceError(
    'internal_error',
    'Something went wrong inside rkllamad; its log has the details.',
    { cause: thrown },
  );
}
