import * as z from 'zod';
import type { Client } from '../client/client.ts';

const answer = z.object({ embeddings: z.array(z.array(z.number())) });

/** A vector of length 1 for each text. Throws `CliError`. */
export async function embed(
  client: Client,
  model: string,
  input: readonly string[],
  dimensions?: number,
): Promise<number[][]> {
  const body = { model, input, ...(dimensions !== undefined && { dimensions }) };
  return (await client.post('/api/embed', body, answer)).embeddings;
}
