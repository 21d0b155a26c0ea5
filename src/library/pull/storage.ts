import { statfs } from 'node:fs/promises';
import { ApplianceError } from '../../errors.ts';

const fullDiskCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Bytes that an unprivileged user may still write on the file system of `folder`. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws ApplianceError `insufficient_storage` with the numbers */
export function checkSpace(file: string, neededBytes: number, reserveBytes: number, free: number) {
  if (neededBytes === 0 || neededBytes + reserveBytes <= free) return;
  throw new ApplianceError(
    'insufficient_storage',
    `${file} needs ${megabytes(neededBytes)} more, and ${megabytes(reserveBytes)} must stay free, but only ${megabytes(free)} are free. Delete a model or use a larger disk.`,
  );
}

/** A failed write as the owner understands it; other errors come back as they are. */
export function storageFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (typeof error.code !== 'string' || !fullDiskCodes.has(error.code)) return error;
  const why =
    error.code === 'EFBIG' ? 'the file is larger than this file system allows' : 'the disk is full';
  return new ApplianceError(
    'insufficient_storage',
    `The download of ${file} stopped: ${why}. What has arrived is kept; make room and pull again to go on.`,
    { cause: error },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
