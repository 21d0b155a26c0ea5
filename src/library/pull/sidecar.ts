import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { writeDurably } from './durable.ts';

const offset = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** What stands in `<file>.partial.json`. */
const sidecarSchema = z.object({
  version: z.literal(1),
  /** Full form of the reference, as `pull` takes it. */
  reference: z.string(),
  url: z.string(),
  sizeBytes: offset,
  /** The content server's entity tag, for `If-Range`; null before the first answer. */
  etag: z.string().nullable(),
  sha256: z.string().nullable(),
  gitSha1: z.string().nullable(),
  /** Bytes that are durably in the partial file. */
  done: z.array(z.object({ start: offset, end: offset })).max(100_000),
  /** Sum of `done`. */
  receivedBytes: offset,
});

export type Sidecar = z.infer<typeof sidecarSchema>;

/** The notes beside a partial file, or null when there are none that can be trusted. */
export async function readSidecar(file: string): Promise<Sidecar | null> {
  try {
    const parsed = sidecarSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Callers sync the partial file first: the notes never claim bytes that a power cut could take. */
export async function writeSidecar(file: string, sidecar: Sidecar): Promise<void> {
  await writeDurably(file, `${JSON.stringify(sidecar, null, 1)}\n`);
}
