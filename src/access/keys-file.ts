/** keys.json: read with a schema, written so that a power cut leaves the old content or the new. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { StoredKey } from './key.ts';

const time = z.iso.datetime().transform((text) => new Date(text));

const keysFile = z.object({
  version: z.literal(1),
  keys: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string().min(1),
      scope: z.enum(['inference', 'admin']),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      created_at: time,
      last_used_at: time.nullable(),
    }),
  ),
});

/** Null: there is no such file. Throws when it cannot be read, or is none of ours. */
export async function readKeys(path: string): Promise<StoredKey[] | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return keysFile
    .parse(JSON.parse(text))
    .keys.map(({ created_at: createdAt, last_used_at: lastUsedAt, ...key }) => ({
      ...key,
      createdAt,
      lastUsedAt,
    }));
}

export async function writeKeys(path: string, keys: readonly StoredKey[]): Promise<void> {
  const content = {
    version: 1,
    keys: keys.map(({ createdAt, lastUsedAt, ...key }) => ({
      ...key,
      created_at: createdAt,
      last_used_at: lastUsedAt,
    })),
  };
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const temporary = `${path}.tmp`;
  // One that a power cut left may have another mode.
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const entries = await open(folder, 'r');
  try {
    await entries.sync();
  } finally {
    await entries.close();
  }
}
