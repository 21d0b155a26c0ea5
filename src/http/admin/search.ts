import * as z from 'zod';
import { clientSignal } from '../client-signal.ts';
import type { Handler } from '../routing.ts';
import type { HttpServices } from '../services.ts';
import { withQuery, yesOrNo } from './parameters.ts';

const searchQuery = z.object({
  query: z.string().max(200).default('').describe('Words; left out: what is downloaded most.'),
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Most repositories.'),
  all: yesOrNo.describe('Also what does not fit this board, with the reason.'),
});

/** `GET /admin/search`: what the hub has for this board. */
export function search({ puller }: HttpServices): Handler {
  return withQuery(searchQuery, async ({ query, limit, all }, _request, response) => {
    const options = { limit, includeMisfits: all, signal: clientSignal(response) };
    const found = await puller.search(query, options);
    response.json({
      results: found.map(({ sizeBytes, updatedAt, ...result }) => ({
        ...result,
        size_bytes: sizeBytes,
        updated_at: updatedAt,
      })),
    });
  });
}
