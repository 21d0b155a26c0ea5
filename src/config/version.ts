import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** Written into the bundle when it is built. */
declare const RKLLAMAD_VERSION: string | undefined;

/** The version of this program. */
export function ownVersion(): string {
  if (typeof RKLLAMAD_VERSION === 'string') return RKLLAMAD_VERSION;
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}
