import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flawOf } from '../names.ts';
import { fileErrorCode } from '../paths.ts';
import {
  type FileFact,
  factOf,
  foreignPartial,
  isMangled,
  isWeights,
  type Listing,
  leadsBack,
  listFolder,
  type Partial,
  partialOf,
  statOrNull,
} from './listing.ts';

/** One place where a model lives or may come to live: a folder, or a loose file in the models folder. */
export interface Unit {
  readonly name: string;
  /** Absolute path; null for a loose file. */
  readonly folder: string | null;
  readonly weights: readonly FileFact[];
  readonly partials: readonly Partial[];
  readonly encoders: readonly string[];
  readonly modelfile: FileFact | null;
}

/** Hears how the reading of each folder went. */
export interface FolderListener {
  read(folder: string): void;
  unreadable(folder: string, error: unknown): void;
  /** A model's file or folder that is passed over for its name. */
  misnamed(path: string, flaw: string): void;
}

/** Folders inside a model's folder that are its own (as RKLLama lays them out). */
const ownFolders = new Set(['tokenizer', 'cache', 'images']);

/** Most folders of one namespace; a link to something huge shall not be walked through. */
const mostNested = 4096;

const mangled = 'it is not valid UTF-8';

export function isModelsOwnFolder(name: string): boolean {
  return ownFolders.has(name);
}

/**
 * Looks at one entry of the models folder: a loose file, a model's folder, or a namespace (`user/`) with
 * models in it. What has gone meanwhile has no units.
 */
export async function scanEntry(
  root: string,
  entry: string,
  hear: FolderListener,
): Promise<Unit[]> {
  if (entry.startsWith('.')) return [];
  const path = join(root, entry);
  const stats = await statOrNull(path);
  if (stats === null && isMangled(entry)) hear.misnamed(path, mangled);
  const flaw = flawOf(entry);
  if (flaw !== null) {
    if (stats?.isDirectory() || isWeights(entry)) hear.misnamed(path, flaw);
    return [];
  }
  if (stats?.isFile()) return looseUnit(path, entry, stats);
  if (!stats?.isDirectory() || (await isLinkBack(path))) return [];
  const listing = await listOrNull(path, hear);
  if (listing === null) return [];
  const units = [unitOf(entry, path, listing)];
  for (const name of listing.folders.slice(0, mostNested)) {
    if (isModelsOwnFolder(name)) continue;
    const nested = join(path, name);
    const flaw = flawOf(`${entry}/${name}`);
    if (flaw !== null) {
      hear.misnamed(nested, flaw);
      continue;
    }
    const found = await listOrNull(nested, hear);
    if (found !== null) units.push(unitOf(`${entry}/${name}`, nested, found));
  }
  return units.filter(isPopulated);
}

function unitOf(name: string, folder: string, listing: Listing): Unit {
  const { weights, partials, encoders, modelfile } = listing;
  return { name, folder, weights, partials, encoders, modelfile };
}

function isPopulated(unit: Unit): boolean {
  return unit.weights.length > 0 || unit.partials.length > 0 || unit.modelfile !== null;
}

async function isLinkBack(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch(() => null);
  return stats === null || (stats.isSymbolicLink() && (await leadsBack(folder)));
}

async function looseUnit(path: string, entry: string, stats: Stats): Promise<Unit[]> {
  const base = { folder: null, encoders: [], modelfile: null };
  if (entry.endsWith('.rkllm.partial')) {
    const partial = await partialOf(path, stats);
    return [{ ...base, name: partial.finalName, weights: [], partials: [partial] }];
  }
  if (!isWeights(entry)) return [];
  const encoder = path.replace(/\.rkllm$/i, '.rknn');
  const encoders = (await statOrNull(encoder))?.isFile() ? [encoder] : [];
  if (await statOrNull(`${path}.aria2`)) {
    return [{ ...base, name: entry, weights: [], partials: [foreignPartial(path, stats)] }];
  }
  return [{ ...base, name: entry, weights: [factOf(path, stats)], partials: [], encoders }];
}

async function listOrNull(folder: string, hear: FolderListener): Promise<Listing | null> {
  try {
    const listing = await listFolder(folder);
    hear.read(folder);
    for (const name of listing.unreachable) hear.misnamed(join(folder, name), mangled);
    return listing;
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') hear.unreadable(folder, error);
    else if (isMangled(basename(folder))) hear.misnamed(folder, mangled);
    return null;
  }
}
