import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { fileErrorCode, isInside } from '../paths.ts';

/** A file as it was at the time of the look. */
export interface FileFact {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** A download that has not been finished: `<final name>.partial`. */
export interface Partial {
  readonly path: string;
  /** Name of the file that it will become. */
  readonly finalName: string;
  readonly bytes: number;
  /** From `<final name>.partial.json`. */
  readonly expectedBytes: number | null;
}

/** What matters of one folder. Links are followed. */
export interface Listing {
  readonly weights: readonly FileFact[];
  readonly partials: readonly Partial[];
  /** Absolute paths of `.rknn` files, by name. */
  readonly encoders: readonly string[];
  readonly modelfile: FileFact | null;
  /** Names of folders in it. */
  readonly folders: readonly string[];
  /** Names of model files that cannot be opened, because they are not UTF-8. */
  readonly unreachable: readonly string[];
}

const partialSuffix = '.partial';

/** Files of a folder that say something about a model; everything else may change unseen. */
export function isOfInterest(name: string): boolean {
  return (
    /\.(rkllm|rknn|rkllm\.partial|rkllm\.partial\.json|rkllm\.aria2)$/i.test(name) ||
    name === 'Modelfile'
  );
}

/** Whether a name came with bytes that are no UTF-8: what it reads as then leads to no file. */
export function isMangled(name: string): boolean {
  return name.includes('\uFFFD');
}

export function isWeights(name: string): boolean {
  return /\.rkllm$/i.test(name);
}

/** Lists `folder`. Throws the error of the file system when it cannot be read. */
export async function listFolder(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map((entry) => entry.name));
  const listing = {
    weights: [] as FileFact[],
    partials: [] as Partial[],
    encoders: [] as string[],
    folders: [] as string[],
    unreachable: [] as string[],
  };
  let modelfile: FileFact | null = null;
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const stats = await relevantStats(entry, path);
    if (stats === 'folder') listing.folders.push(entry.name);
    else if (stats === null) {
      if (isWeights(entry.name) && isMangled(entry.name)) listing.unreachable.push(entry.name);
    } else if (entry.name.endsWith(partialSuffix))
      listing.partials.push(await partialOf(path, stats));
    else if (isWeights(entry.name)) {
      if (names.has(`${entry.name}.aria2`)) listing.partials.push(foreignPartial(path, stats));
      else listing.weights.push(factOf(path, stats));
    } else if (/\.rknn$/i.test(entry.name)) listing.encoders.push(path);
    else if (entry.name === 'Modelfile') modelfile = factOf(path, stats);
  }
  return { ...listing, modelfile };
}

async function relevantStats(entry: Dirent, path: string): Promise<Stats | 'folder' | null> {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile() && !isOfInterest(entry.name)) return null;
  const stats = await statOrNull(path);
  if (stats?.isDirectory()) return (await leadsBack(path)) ? null : 'folder';
  return stats?.isFile() && isOfInterest(entry.name) ? stats : null;
}

/** Whether a link to a folder leads to one that it lies in itself. */
export async function leadsBack(link: string): Promise<boolean> {
  try {
    const [target, place] = await Promise.all([realpath(link), realpath(dirname(link))]);
    return target === place || isInside(target, place);
  } catch (error) {
    if (fileErrorCode(error) === undefined) throw error;
    return true;
  }
}

/** null for what is gone, dangles, loops or may not be looked at. */
export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (fileErrorCode(error) === undefined) throw error;
    return null;
  }
}

export function factOf(path: string, stats: Stats): FileFact {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { path, name, sizeBytes: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino };
}

/** What is needed of the pull's notes beside a partial file. */
const sidecarSchema = z.object({
  sizeBytes: z.number().int().nonnegative(),
  receivedBytes: z.number().int().nonnegative().catch(0),
});

/** A `.partial` file of the pull. Its length says little, since it is filled in several places at once. */
export async function partialOf(path: string, stats: Stats): Promise<Partial> {
  const { sizeBytes, receivedBytes } = await readSidecar(`${path}.json`);
  const finalName = path.slice(path.lastIndexOf('/') + 1, -partialSuffix.length);
  const bytes = Math.max(writtenBytes(stats), receivedBytes);
  return { path, finalName, bytes, expectedBytes: sizeBytes };
}

/** A file that another download program (aria2) is still filling. */
export function foreignPartial(path: string, stats: Stats): Partial {
  const { name, sizeBytes } = factOf(path, stats);
  return {
    path,
    finalName: name,
    bytes: writtenBytes(stats),
    expectedBytes: sizeBytes,
  };
}

function writtenBytes(stats: Stats): number {
  return Math.min(stats.size, stats.blocks * 512);
}

async function readSidecar(
  path: string,
): Promise<{ sizeBytes: number | null; receivedBytes: number }> {
  try {
    return sidecarSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return { sizeBytes: null, receivedBytes: 0 };
  }
}
