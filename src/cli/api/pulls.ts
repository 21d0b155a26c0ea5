import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { pullAsOllama } from './ollama-pull.ts';
import { isKeptFromUs } from './status.ts';

const progress = z.object({
  event: z.literal('progress'),
  file: z.string(),
  received_bytes: z.number(),
  size_bytes: z.number(),
  bytes_per_second: z.number(),
  seconds_left: z.number().nullable(),
});

const pullEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('pull'), id: z.string(), reference: z.string(), file: z.string() }),
  z.object({
    event: z.literal('start'),
    file: z.string(),
    size_bytes: z.number(),
    resumed_bytes: z.number(),
  }),
  progress,
  z.object({ event: z.literal('verifying'), file: z.string() }),
  z.object({ event: z.literal('waiting') }),
  z.object({ event: z.literal('done'), name: z.string() }),
]);

/** Sizes in bytes. */
export type PullEvent = z.output<typeof pullEvent>;

export interface PullRequest {
  reference: string;
  name?: string;
  revision?: string;
}

/**
 * Begins a pull, or joins one that runs; it goes on when nobody reads its events any more. Who may
 * not administrate asks as Ollama's clients do, and cannot choose name and revision.
 */
export async function* pullModel(
  client: Client,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullEvent> {
  const needsAuthority = request.name !== undefined || request.revision !== undefined;
  if (client.mayAdministrate || needsAuthority) {
    try {
      return yield* client.stream('/admin/pulls', request, pullEvent, signal);
    } catch (error) {
      if (!isKeptFromUs(error) || needsAuthority) throw error;
    }
  }
  yield* pullAsOllama(client, request.reference, signal);
}

const cancelled = z.object({ state: z.string() });

/** Ends a pull; what has arrived is kept for the next try. */
export async function cancelPull(client: Client, id: string): Promise<void> {
  await client.delete(`/admin/pulls/${encodeURIComponent(id)}`, cancelled);
}
