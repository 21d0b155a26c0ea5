/** A half-open interval of byte offsets. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A set of bytes of one file, kept as sorted ranges that do not touch. */
export class RangeSet {
  #ranges: ByteRange[];

  constructor(ranges: readonly ByteRange[] = []) {
    this.#ranges = [];
    for (const range of ranges) this.add(range);
  }

  add({ start, end }: ByteRange): void {
    if (start >= end) return;
    const before = this.#ranges.filter((range) => range.end < start);
    const after = this.#ranges.filter((range) => range.start > end);
    const touching = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const merged = {
      start: Math.min(start, ...touching.map((range) => range.start)),
      end: Math.max(end, ...touching.map((range) => range.end)),
    };
    this.#ranges = [...before, merged, ...after];
  }

  /** Bytes in the set. */
  get sizeBytes(): number {
    return this.#ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  }

  /** How far the file is complete from its beginning. */
  get contiguousBytes(): number {
    const first = this.#ranges[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** The first bytes below `sizeBytes` that are not in the set, at most `maxBytes` of them. */
  firstGap(sizeBytes: number, maxBytes: number): ByteRange | null {
    const start = this.contiguousBytes;
    if (start >= sizeBytes) return null;
    const next = this.#ranges.find((range) => range.start > start);
    return { start, end: Math.min(sizeBytes, next?.start ?? sizeBytes, start + maxBytes) };
  }

  /** The end of the last range. */
  get endBytes(): number {
    return this.#ranges.at(-1)?.end ?? 0;
  }

  /** What of it lies below `limit`. */
  below(limit: number): RangeSet {
    return new RangeSet(
      this.#ranges.map(({ start, end }) => ({ start, end: Math.min(end, limit) })),
    );
  }

  toArray(): ByteRange[] {
    return this.#ranges.map((range) => ({ ...range }));
  }
}
