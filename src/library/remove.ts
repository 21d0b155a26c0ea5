import { randomUUID } from 'node:crypto';
import { lstat, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
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
 * Deletes the model's folder, or its loose file. It is renamed out of sight first, so that a power cut leaves
 * either the whole model or none; of a link just the link is deleted. Throws `invalid_request` for a model that
 * lies outside the models folder, `internal_error` when the file system refuses.
 */
export async function removeFromDisk(root: string, model: Model): Promise<void> {
  const target = model.folder ?? model.path;
  try {
    await checkContained(root, target, model.name);
    const trash = join(root, `${trashPrefix}${randomUUID()}`);
    await rename(target, trash);
    await syncFolder(dirname(target));
    await syncFolder(root);
    await removeTrash(trash);
    await removeEmptyNamespace(root, dirname(target));
  } catch (error) {
    if (error instanceof ApplianceError || fileErrorCode(error) === 'ENOENT')
      throw notThere(model, error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApplianceError('internal_error', `${model.name} could not be deleted: ${reason}`, {
      cause: error,
    });
  }
}

function notThere(model: Model, error: unknown): unknown {
  if (error instanceof ApplianceError) return error;
  return new ApplianceError('model_not_found', `Model ${model.name} not found.`, { cause: error });
}

/** The folder in which the entry lies must really be in the models folder, links resolved. */
async function checkContained(root: string, target: string, name: string): Promise<void> {
  const [realRoot, realParent] = await Promise.all([realpath(root), realpath(dirname(target))]);
  if (!isInside(root, target) || (realParent !== realRoot && !isInside(realRoot, realParent))) {
    throw new ApplianceError(
      'invalid_request',
      `${name} lies outside the models folder, behind a link. Delete it there by hand, or delete the link.`,
    );
  }
}

async function removeTrash(trash: string): Promise<void> {
  await rm(trash, { recursive: true, force: true, maxRetries: 2 });
}

async function removeEmptyNamespace(root: string, folder: string): Promise<void> {
  if (folder === root) return;
  const stats = await lstat(folder);
  if (!stats.isDirectory() || (await readdir(folder)).length > 0) return;
  await rmdir(folder);
}

/** Finishes the deletions that a power cut interrupted. */
export async function emptyTrash(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith(trashPrefix)) await removeTrash(join(root, name));
  }
}
