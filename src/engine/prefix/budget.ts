/** How much room the files may take. */
import { statfs } from 'node:fs/promises';

/** Most bytes where nobody has said how many. */
const usualBytes = 2 * 1024 ** 3;
/** Of the room that would be free without the files, where nobody has said how many bytes. */
const usualShare = 0.1;
/** Bytes that are left free whatever the budget is. */
const reserveBytes = 256 * 1024 ** 2;

export interface Room {
  /** Most bytes of all files together. */
  limitBytes: number;
  /** Bytes that can still be written without touching the reserve. */
  freeBytes: number;
}

/** @param budgetBytes null: 2 GiB, and no more than a tenth of the room that is free */
export async function roomIn(
  folder: string,
  budgetBytes: number | null,
  usedBytes: number,
): Promise<Room> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const limitBytes = budgetBytes ?? Math.min(usualBytes, usualShare * (free + usedBytes));
  return { limitBytes: Math.floor(limitBytes), freeBytes: Math.max(0, free - reserveBytes) };
}
