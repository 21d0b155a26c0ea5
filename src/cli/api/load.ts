import * as z from 'zod';
import type { Client } from '../client/client.ts';

const loaded = z.object({ done_reason: z.literal('load') });

/** Resolves when the model answers. `keepAlive`: 300, `5m`, -1 for ever; left out: as set. */
export async function loadModel(
  client: Client,
  model: string,
  keepAlive?: string,
  signal?: AbortSignal,
): Promise<void> {
  const body = { model, ...(keepAlive !== undefined && { keep_alive: keepAliveOf(keepAlive) }) };
  await client.post('/api/generate', body, loaded, signal);
}

/** Ollama's clients send numbers of seconds as numbers. */
export function keepAliveOf(text: string): string | number {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
