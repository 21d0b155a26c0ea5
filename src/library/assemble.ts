import type { Examined } from './disk/examine.ts';
import type { Surroundings } from './make-model.ts';
import type { Incoming, Model } from './model.ts';
import { KnownModels, Resolver } from './resolve.ts';

export interface Shelf {
  /** By name. */
  readonly models: readonly Model[];
  readonly incoming: readonly Incoming[];
}

/** Makes models of what was found on disk. A model that is no other than before is the same object. */
export class Assembler {
  readonly #known = new KnownModels();

  assemble(found: readonly Examined[], around: Surroundings): Shelf {
    const models = new Resolver(found, around, this.#known).models();
    const incoming = found.flatMap(incomingOf);
    return { models: models.sort(byName), incoming: incoming.sort(byName) };
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function incomingOf({ unit, growing }: Examined): Incoming[] {
  const { name } = unit;
  const copies = growing.map(({ path, sizeBytes }) => ({
    name,
    path,
    bytes: sizeBytes,
    expectedBytes: null,
  }));
  const downloads = unit.partials.map(({ path, bytes, expectedBytes }) => ({
    name,
    path,
    bytes,
    expectedBytes,
  }));
  return [...copies, ...downloads];
}
