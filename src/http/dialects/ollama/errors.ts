import type { Response } from 'express';
import * as z from 'zod';
import { type ApplianceError, statusOf } from '../../../errors.ts';
import { logOf } from '../../request-log.ts';

export const wireError = z.object({ error: z.string() });

/**
 * Ollama's error: a string, never an object. It is logged too: Home Assistant shows none of it to
 * its user, so the log is where the reason can be found.
 */
export function renderError(error: ApplianceError, response: Response): void {
  const { code, message } = error;
  logOf(response).warn({ code, reason: message }, 'request refused');
  response.status(statusOf(code)).json({ error: message });
}
