import { statfs } from 'node:fs/promises';
import { ApplianceError } from '../../errors.ts';
import { fileErrorCode, isDiskFull } from '../paths.ts';

const closedCodes = new Set(['EACCES', 'EPERM', 'EROFS']);

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
  const code = fileErrorCode(error) ?? '';
  if (error instanceof Error && closedCodes.has(code)) {
    return new ApplianceError(
      'pull_failed',
      `${file} cannot be written: ${error.message}. Its folder has to belong to the user that rkllamad runs as, and a service needs ReadWritePaths= for a folder that is not its own: sudo systemctl edit rkllamad`,
      { cause: error },
    );
  }
  if (code === 'ENOENT') {
    return new ApplianceError(
      'pull_failed',
      `The download of ${file} ended: somebody deleted what had arrived. Pull it again.`,
      { cause: error },
    );
  }
  const isTooLarge = code === 'EFBIG';
  if (!isTooLarge && !isDiskFull(error)) return error;
  const why = isTooLarge ? 'the file is larger than this file system allows' : 'the disk is full';
  return new ApplianceError(
    'insufficient_storage',
    `The download of ${file} stopped: ${why}. What has arrived is kept; make room and pull again to go on.`,
    { cause: error },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
