import { ApplianceError } from '../errors.ts';

/** The NPU sees 4 GiB per IOMMU domain (rknpu driver 0.9.8; rknn-llm issue 437). */
const domainBytes = 4 * 2 ** 30;
/** Domains 1 to 15: the driver has 16, and RKNN always uses the first (rknn-llm issue 195). */
const firstDomain = 1;
const lastDomain = 15;

/** Hands out IOMMU domains: a model of n times 4 GiB occupies n in a row. */
export class Domains {
  readonly #taken = new Set<number>();

  /** Returns the first domain. Throws `load_failed` when no row is free. */
  take(sizeBytes: number): number {
    const count = span(sizeBytes);
    for (let base = firstDomain; base + count - 1 <= lastDomain; base++) {
      const row = Array.from({ length: count }, (_, index) => base + index);
      if (row.every((domain) => !this.#taken.has(domain))) {
        for (const domain of row) this.#taken.add(domain);
        return base;
      }
    }
    throw new ApplianceError(
      'load_failed',
      'All IOMMU domains of the NPU are taken. Unload a model first.',
    );
  }

  free(base: number, sizeBytes: number): void {
    for (let domain = base; domain < base + span(sizeBytes); domain++) this.#taken.delete(domain);
  }
}

function span(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / domainBytes));
}
