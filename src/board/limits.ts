import { BoardFiles, mapped, type Reading } from './files.ts';

/** Most files that a process may have open; of this process where `pid` is null. */
export async function readOpenFileLimit(pid: number | null, root = '/'): Promise<Reading<number>> {
  const path = `/proc/${pid ?? 'self'}/limits`;
  return mapped(await new BoardFiles(root).text(path), softLimit, path);
}

/** `Max open files            1024                 1048576              files`. */
function softLimit(text: string): number | null {
  const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(text) ?? [];
  if (limit === undefined) return null;
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
