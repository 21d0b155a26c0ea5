/** How long a context may be and how long a load may take. */
import { ApplianceError } from '../errors.ts';
import type { Model } from '../library/index.ts';

/** Multiples of 32 are safe (RKLLM SDK manual 1.3.0 asks for them at conversion). */
export function fitContext(wanted: number, limit: number | null | undefined): number {
  const most = Math.min(wanted, limit ?? wanted);
  return Math.max(32, most - (most % 32));
}

export function contextLimitIn(error: unknown): number | null {
  if (!(error instanceof ApplianceError)) return null;
  const [, limit] = /max_context_limit\[(\d+)\]/.exec(error.message) ?? [];
  return limit === undefined ? null : Number(limit);
}

/** A minute, and what reading the file from a slow card takes. */
export function loadLimitMs(sizeBytes: number): number {
  const slowCardBytesPerMs = 10_000;
  return 60_000 + Math.ceil(sizeBytes / slowCardBytesPerMs);
}

export function tooSlow(file: Pick<Model, 'name' | 'sizeBytes'>): ApplianceError {
  const seconds = Math.round(loadLimitMs(file.sizeBytes) / 1000);
  return new ApplianceError(
    'load_failed',
    `The runtime did not load ${file.name} within ${seconds} s, so it was stopped.`,
  );
}
