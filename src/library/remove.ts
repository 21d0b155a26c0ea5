import { randomUUID } from 'node:crypto';
import { readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplianceError } from '../errors.ts';
import type { Model } from './model.ts';
import { fileErrorCode, isInside } from './paths.ts';
import { syncFolder } from './pull/durable.ts';

const trashPrefix = '.rkllamad-trash-';

/** Throws `model_in_use` when another model needs what deleting `model` would take away. */
export function checkNotNeeded(model: Model, models: readonly Model[]): void {
  const { folder } = model;
  const takenAway = (path: string | null) =>
    folder !== null && path !== null && isInside(folder, path);
  const needing = models.filter((other) => {
    if (other.name === model.name) return false;
    const sharesFile = model.parent === null && other.path === model.path;
    return (
      sharesFile || other.parent === model.name || takenAway(other.path) || takenAway(other.folder)
    );
  });
  if (needing.length === 0) return;
  const names = needing.map((other) => other.name).join(', ');
  throw new ApplianceError(
    'model_in_use',
    `${model.name} cannot be deleted: ${names} ${needing.length === 1 ? 'needs' : 'need'} its files. Delete that first.`,
  );
}

/**
 * Deletes the model's folder, or its loose file with the encoder beside it. They are renamed out of sight first,
 * so that a power cut leaves either the whole model or none; of a link just the link is deleted. Throws
 * `invalid_request` for a model that lies outside the models folder, `model_not_found` for one that has gone,
 * `internal_error` when the file system refuses.
 */
export async function removeFromDisk(root: string, model: Model): Promise<void> {
  const target = model.folder ?? model.path;
  try {
    await checkContained(root, target, model.name);
    await discard(target);
    const encoder = model.folder === null ? model.inspection.visionEncoder : null;
    if (encoder !== null) await discard(encoder);
    await removeEmptyNamespace(root, dirname(target));
  } catch (error) {
    if (error instanceof ApplianceError) throw error;
    const gone = fileErrorCode(error) === 'ENOENT';
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApplianceError(
      gone ? 'model_not_found' : 'internal_error',
      gone ? `Model ${model.name} not found.` : `${model.name} could not be deleted: ${reason}.`,
      { cause: error },
    );
  }
}

/** Throws `invalid_request` when the folder of `target` is, links resolved, not in the models folder. */
export async function checkContained(root: string, target: string, name: string): Promise<void> {
  const [realRoot, realParent] = await Promise.all([realpath(root), realpath(dirname(target))]);
  if (!isInside(root, target) || (realParent !== realRoot && !isInside(realRoot, realParent))) {
    throw new ApplianceError(
      'invalid_request',
      `${name} lies outside the models folder, behind a link. Change it there by hand.`,
    );
  }
}

/** The trash lies beside what is deleted: the models folder may hold other disks. */
async function discard(target: string): Promise<void> {
  const trash = join(dirname(target), `${trashPrefix}${randomUUID()}`);
  await rename(target, trash);
  // The deletion is not worth failing for it.
  await syncFolder(dirname(target)).catch(() => {});
  await removeTrash(trash);
}

async function removeTrash(trash: string): Promise<void> {
  await rm(trash, { recursive: true, force: true, maxRetries: 2 });
}

async function removeEmptyNamespace(root: string, folder: string): Promise<void> {
  if (folder === root || (await readdir(folder)).length > 0) return;
  await rmdir(folder);
}

/** Finishes the deletions that a power cut interrupted, in the models folder and in every namespace. */
export async function emptyTrash(root: string): Promise<void> {
  const entries = await readdir(root, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (entry.name.startsWith(trashPrefix)) await removeTrash(path);
    else if (entry.isDirectory()) await emptyNamespaceTrash(path);
  }
}

async function emptyNamespaceTrash(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (name.startsWith(trashPrefix)) await removeTrash(join(folder, name));
  }
}
