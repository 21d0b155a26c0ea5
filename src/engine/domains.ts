import { ApplianceError } from '../errors.ts';

/** The NPU sees 4 GiB per IOMMU domain (rknpu driver 0.9.8; rknn-llm issue 437). */
const domainBytes = 4 * 2 ** 30;
/** Domains 1 to 15: the driver has 16, and RKNN always uses the first (rknn-llm issue 195). */
const firstDomain = 1;
const lastDomain = 15;

/** Hands out IOMMU domains: a model of n times 4 GiB occupies n in a row. */
export class Domains {
  readonly #taken = new Set<number>();

  hasRoomFor(sizeBytes: number): boolean {
    return this.#firstOf(sizeBytes) !== null;
  }

  /** Returns the first domain. Throws `load_failed` when no row is free. */
  take(sizeBytes: number): number {
    const base = this.#firstOf(sizeBytes);
    if (base === null) {
      throw new ApplianceError(
        'load_failed',
        'All IOMMU domains of the NPU are taken. Unload a model first.',
      );
    }
    for (const domain of row(base, sizeBytes)) this.#taken.add(domain);
    return base;
  }

  free(base: number, sizeBytes: number): void {
    for (const domain of row(base, sizeBytes)) this.#taken.delete(domain);
  }

  #firstOf(sizeBytes: number): number | null {
    for (let base = firstDomain; base + span(sizeBytes) - 1 <= lastDomain; base++) {
      if (row(base, sizeBytes).every((domain) => !this.#taken.has(domain))) return base;
    }
    return null;
  }
}

function row(base: number, sizeBytes: number): number[] {
  return Array.from({ length: span(sizeBytes) }, (_, index) => base + index);
}

function span(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / domainBytes));
}
