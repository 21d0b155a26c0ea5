/** The hub token, where it stands in a file of its own or in a credential of systemd's. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { token as tokenKind } from './kinds.ts';
import type { Problem, Source } from './problem.ts';

/** The name of the credential: `LoadCredential=hub-token:/etc/rkllamad/hub-token`. */
const credential = 'hub-token';
const key = 'hub.token_file';
const readableByOthers = 0o004;

interface TokenReading {
  token?: { value: string; source: Source };
  problems: readonly Problem[];
  warnings: readonly string[];
}

/** @param file what `hub.token_file` says */
export function readHubToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): TokenReading {
  const folder = environment['CREDENTIALS_DIRECTORY'];
  const path = file ?? (folder ? join(folder, credential) : undefined);
  if (path === undefined) return { problems: [], warnings: [] };
  const source: Source = { kind: 'credential', path };
  try {
    const { mode } = statSync(path);
    const token = tokenKind.schema.safeParse(readFileSync(path, 'utf8').trim());
    if (!token.success) {
      const message = `${path} cannot be a hub token: it must be ${tokenKind.expects}.`;
      return { problems: [{ source, message, key }], warnings: [] };
    }
    const isOpen = (mode & readableByOthers) !== 0;
    const warning = `${path} holds a secret, and every user of this machine can read it: sudo chmod o= ${path}`;
    return {
      token: { value: token.data, source },
      problems: [],
      warnings: isOpen ? [warning] : [],
    };
  } catch (error) {
    // A credential is optional; a file that somebody named is not.
    if (file === undefined) return { problems: [], warnings: [] };
    const words = error instanceof Error ? error.message : String(error);
    return {
      problems: [{ source, message: `${path}: the hub token cannot be read: ${words}`, key }],
      warnings: [],
    };
  }
}
