import * as z from 'zod';

const deepest = 64;

/** A JSON object that is not nested so deeply that nobody could walk through it. */
export const jsonObject = z
  .record(z.string(), z.unknown())
  .refine((value) => isWithin(value, deepest), `expected at most ${deepest} levels`);

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1));
}
