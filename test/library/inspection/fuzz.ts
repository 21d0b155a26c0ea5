import { inspect } from '../../../src/library/inspection/inspect.ts';
import type { Inspection } from '../../../src/library/inspection/inspection.ts';
import type { ByteSource } from '../../../src/library/inspection/source.ts';
import { randomFrom } from '../../support/random.ts';
import { mutate, seedFiles } from './mutate.ts';

export interface FuzzReport {
  readonly files: number;
  /** How often each kind of damage was reported; `none` for files that stayed legible. */
  readonly damage: ReadonlyMap<string, number>;
  /** The smallest file of each kind. */
  readonly smallest: ReadonlyMap<string, Uint8Array>;
  readonly slowestMs: number;
  /** Most bytes asked for at once, and in all for one file. */
  readonly largestRead: number;
  readonly mostRead: number;
}

/** Inspects `count` damaged files. Throws what inspection throws, which it never should. */
export async function fuzz(count: number, seed: number): Promise<FuzzReport> {
  const random = randomFrom(seed);
  const seeds = seedFiles();
  const damage = new Map<string, number>();
  const smallest = new Map<string, Uint8Array>();
  let [slowestMs, largestRead, mostRead] = [0, 0, 0];
  for (let file = 0; file < count; file++) {
    const bytes = mutate(seeds[file % seeds.length] ?? new Uint8Array(), random);
    let read = 0;
    const source: ByteSource = {
      sizeBytes: bytes.length,
      read: async (offset, length) => {
        read += length;
        largestRead = Math.max(largestRead, length);
        return bytes.subarray(offset, offset + length);
      },
    };
    const startMs = performance.now();
    const found = await inspect(source, 'fuzzed.rkllm');
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    mostRead = Math.max(mostRead, read);
    const kind = kindOf(found);
    damage.set(kind, (damage.get(kind) ?? 0) + 1);
    if (bytes.length < (smallest.get(kind)?.length ?? Number.POSITIVE_INFINITY)) {
      smallest.set(kind, bytes);
    }
  }
  return { files: count, damage, smallest, slowestMs, largestRead, mostRead };
}

/** The damage without its numbers. */
export function kindOf({ damage }: Inspection): string {
  return (damage ?? 'none').replace(/\d+|with [0-9a-f]{8}/g, 'N');
}
