import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';

/** Whether `path` lies in `folder`, at any depth, going by the text of the two absolute paths. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** A path as its owner writes it: the home folder is `~`. */
export function shownPath(path: string, home = homedir()): string {
  return isInside(home, path) ? `~/${relative(home, path)}` : path;
}

/** The `code` of a file system error (`ENOENT`, `EACCES`, ...); undefined for anything else. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** Whether a write failed because the disk, or its user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(fileErrorCode(error) ?? '');
}
