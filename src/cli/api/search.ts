import * as z from 'zod';
import type { Client } from '../client/client.ts';

const answer = z.object({
  results: z.array(
    z.object({
      reference: z.string(),
      repository: z.string(),
      file: z.string(),
      size_bytes: z.number().nullable(),
      platform: z.string().nullable(),
      misfit: z.string().nullable(),
      downloads: z.number(),
      likes: z.number(),
      gated: z.boolean(),
      updated_at: z.string(),
    }),
  ),
});

export type FoundModel = z.output<typeof answer>['results'][number];

/** Models on the hub. Throws `CliError`. */
export async function searchModels(
  client: Client,
  query: string,
  { limit, all }: { limit?: number | undefined; all?: boolean | undefined },
): Promise<FoundModel[]> {
  const fields = new URLSearchParams({
    query,
    ...(limit !== undefined && { limit: String(limit) }),
    ...(all && { all: 'true' }),
  });
  return (await client.get(`/admin/search?${fields}`, answer)).results;
}
