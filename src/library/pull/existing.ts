import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RemoteFile } from './hub.ts';
import { hashFor } from './running-hash.ts';

/** Whether there is a file of this size at `path`. */
export async function hasSize(path: string, sizeBytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === sizeBytes;
}

/** Whether the file at `path` has the hash of `remote`; true when the hub tells none. */
export async function hasContent(
  path: string,
  remote: RemoteFile,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = hashFor(remote);
  if (hash === null) return true;
  const content = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
  for await (const block of content) hash.update(block);
  return hash.digest('hex') === (remote.sha256 ?? remote.gitSha1);
}
