import type { Response } from 'express';
import { type ApplianceError, statusOf } from '../../../errors.ts';

/** RKLLama's one error shape: `{"error": "words"}`. */
export function renderError(error: ApplianceError, response: Response): void {
  response.status(statusOf(error.code)).json({ error: error.message });
}
