import type { Response } from 'express';
import * as z from 'zod';
import { type ApplianceError, statusOf } from '../../../errors.ts';

export const wireError = z.object({ error: z.string() });

/** RKLLama's one error shape: `{"error": "words"}`. */
export function renderError(error: ApplianceError, response: Response): void {
  response.status(statusOf(error.code)).json({ error: error.message });
}
