import * as z from 'zod';
import type { Client } from '../client/client.ts';

const line = z.object({ status: z.string() });
/** What every creation says; everything else is a warning. */
const usual = ['parsing modelfile', 'writing manifest', 'success'];

/** Returns what is odd about the Modelfile. Throws `CliError`. */
export async function createModel(
  client: Client,
  model: string,
  modelfile: string,
): Promise<string[]> {
  const warnings: string[] = [];
  for await (const { status } of client.stream('/api/create', { model, modelfile }, line)) {
    if (!usual.includes(status)) warnings.push(status);
  }
  return warnings;
}
