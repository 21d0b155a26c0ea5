import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { CliError } from '../failure.ts';

const status = z.object({
  version: z.string(),
  pid: z.number(),
  started_at: z.string(),
  uptime_seconds: z.number(),
  listening: z.array(z.string()),
  runtime: z.object({ path: z.string(), version: z.string(), simulator: z.boolean() }).nullable(),
  board: z.looseObject({
    platform: z.string().nullish(),
    driver_version: z.string().nullish(),
    npu_present: z.boolean().nullish(),
  }),
  memory: z.object({ available_bytes: z.number().nullable(), daemon_rss_bytes: z.number() }),
  models: z.array(z.looseObject({ name: z.string(), state: z.string() })),
  queue: z.array(
    z.object({
      model: z.string(),
      position: z.number(),
      waited_ms: z.number(),
      estimated_wait_ms: z.number().nullable(),
    }),
  ),
  pulls: z.array(
    z.looseObject({
      id: z.string(),
      reference: z.string(),
      name: z.string(),
      file: z.string(),
      state: z.string(),
      received_bytes: z.number(),
      size_bytes: z.number(),
      error: z.string().nullish(),
    }),
  ),
  keys: z.object({ required: z.boolean(), count: z.number() }),
  prefix_store: z.record(z.string(), z.number()).nullable(),
  restart_needed: z.array(z.string()),
});

export type Status = z.output<typeof status>;

/** Whoever asks how the daemon is wants to know when it hangs. */
const patienceMs = 10_000;

/** Everything that the daemon says of itself. Throws `CliError`. */
function daemonStatus(client: Client): Promise<Status> {
  return client.get('/admin/status', status, patienceMs);
}

/** The same, or undefined for somebody who may not see it. */
export async function statusIfAllowed(client: Client): Promise<Status | undefined> {
  if (!client.mayAdministrate) return undefined;
  try {
    return await daemonStatus(client);
  } catch (error) {
    if (isKeptFromUs(error)) return undefined;
    throw error;
  }
}

/** Refused, or a daemon that has no administration. */
export function isKeptFromUs(error: unknown): boolean {
  return error instanceof CliError && (error.kind === 'refused' || error.kind === 'not_found');
}

const health = z.object({
  version: z.string().nullish(),
  status: z.string(),
  runtime: z.object({ version: z.string(), simulator: z.boolean() }).nullish(),
  models_loaded: z.number().nullish(),
});

export type Health = z.output<typeof health>;

/** What everybody may know. */
export function daemonHealth(client: Client): Promise<Health> {
  return client.get('/health', health, patienceMs);
}
