import type { Response } from 'express';
import * as z from 'zod';
import { type ApplianceError, statusOf } from '../../errors.ts';

export const wireError = z.object({ error: z.string(), code: z.string() });

/** Words for a person, and the code for a program. */
export function errorObject({ message, code }: ApplianceError): z.output<typeof wireError> {
  return { error: message, code };
}

export function renderError(error: ApplianceError, response: Response): void {
  response.status(statusOf(error.code)).json(errorObject(error));
}
