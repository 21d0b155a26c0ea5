/** What a saved KV cache belongs to, besides its tokens: any change makes another identity. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { RuntimeLibrary } from '../../rkllm/index.ts';

export interface IdentityParts {
  /** The model file, and the adapters beside it. */
  files: readonly string[];
  library: RuntimeLibrary;
  embedFlash: boolean;
}

/** Null when a file is gone. */
export async function identityOf({
  files,
  library,
  embedFlash,
}: IdentityParts): Promise<string | null> {
  try {
    const marks = await Promise.all([...files, library.path].map(markOf));
    const { version, banner } = library;
    const text = JSON.stringify([version, banner, embedFlash, marks]);
    return createHash('sha256').update(text).digest('hex');
  } catch {
    return null;
  }
}

/** The change time, too: a modification time can be set to what it was. */
async function markOf(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
  return [path, size, mtimeNs, ctimeNs, ino].join(' ');
}
