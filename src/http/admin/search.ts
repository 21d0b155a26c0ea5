import * as z from 'zod';
import { clientSignal } from '../client-signal.ts';
import type { Handler } from '../routing.ts';
import type { HttpServices } from '../services.ts';
import { parseQuery, yesOrNo } from './parameters.ts';

const searchQuery = z.object({
  query: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  all: yesOrNo,
});

/** `GET /admin/search`: what the hub has for this board. */
export function search({ puller }: HttpServices): Handler {
  return async (request, response) => {
    const { query, limit, all } = parseQuery(searchQuery, request);
    const options = { limit, includeMisfits: all, signal: clientSignal(response) };
    const found = await puller.search(query, options);
    response.json({
      results: found.map(({ sizeBytes, updatedAt, ...result }) => ({
        ...result,
        size_bytes: sizeBytes,
        updated_at: updatedAt,
      })),
    });
  };
}
