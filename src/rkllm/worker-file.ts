import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Beside this file; in a bundle the file may have become part of a chunk in a folder below. */
export function workerFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const places = ['.', '..'].map((folder) =>
    fileURLToPath(new URL(`${folder}/worker.${extension}`, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? places[0] ?? '';
}
