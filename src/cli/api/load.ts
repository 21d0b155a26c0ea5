import * as z from 'zod';
import type { Client } from '../client/client.ts';

const loaded = z.object({ done_reason: z.literal('load') });
const unloaded = z.object({ message: z.string() });

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

/** Throws `CliError` where it is not loaded. */
export async function unloadModel(client: Client, model: string): Promise<void> {
  await client.post('/unload_model', { model_name: model }, unloaded);
}

export async function unloadAll(client: Client): Promise<void> {
  await client.post('/unload_models', {}, unloaded);
}

/** Ollama's clients send numbers of seconds as numbers. */
export function keepAliveOf(text: string): string | number {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
