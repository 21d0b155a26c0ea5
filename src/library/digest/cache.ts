import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { markOf } from '../disk/growth.ts';
import type { FileFact } from '../disk/listing.ts';
import { writeDurably } from '../pull/durable.ts';

const cacheSchema = z.record(
  z.string(),
  z.object({ mark: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
);

type Entries = z.output<typeof cacheSchema>;

/** SHA-256 digests by file, valid while size, modification time and inode stay; kept in a small JSON file. */
export class DigestCache {
  readonly #path: string;
  #entries = new Map<string, Entries[string]>();

  constructor(path: string) {
    this.#path = path;
  }

  /** A missing or damaged file is an empty cache. */
  async load(): Promise<void> {
    try {
      const parsed = cacheSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      this.#entries = new Map(Object.entries(parsed));
    } catch {
      this.#entries = new Map();
    }
  }

  get(file: FileFact): string | null {
    const entry = this.#entries.get(file.path);
    return entry?.mark === markOf(file) ? entry.sha256 : null;
  }

  set(file: FileFact, sha256: string): void {
    this.#entries.set(file.path, { mark: markOf(file), sha256 });
  }

  /** Writes the entries of the files in `paths`; the others are forgotten. Throws the file system's error. */
  async save(paths: ReadonlySet<string>): Promise<void> {
    this.#entries = new Map([...this.#entries].filter(([path]) => paths.has(path)));
    await mkdir(dirname(this.#path), { recursive: true });
    await writeDurably(this.#path, `${JSON.stringify(Object.fromEntries(this.#entries))}\n`);
  }
}
