import * as z from 'zod';
import type { Client } from '../client/client.ts';

const key = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
});
const keyList = z.object({ required: z.boolean(), keys: z.array(key) });
const newKey = key.extend({ key: z.string() });
const revokedKey = z.object({ id: z.string(), name: z.string(), remaining: z.number() });

export type ApiKey = z.output<typeof key>;

/** All throw `CliError`, `refused` for somebody without authority. */
export function listKeys(client: Client): Promise<z.output<typeof keyList>> {
  return client.get('/admin/keys', keyList);
}

/** `scope`: `inference` or `admin`. The answer has the key itself, this once. */
export function addKey(
  client: Client,
  name: string,
  scope: string,
): Promise<z.output<typeof newKey>> {
  return client.post('/admin/keys', { name, scope }, newKey);
}

/** By id or name. */
export function revokeKey(client: Client, id: string): Promise<z.output<typeof revokedKey>> {
  return client.delete(`/admin/keys/${encodeURIComponent(id)}`, revokedKey);
}
