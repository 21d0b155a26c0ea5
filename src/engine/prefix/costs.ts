/** What prefill, saving and loading cost on this board with one model, as measured so far. */
import * as z from 'zod';

/** Weight of the newest measurement. */
const newest = 0.3;
/** Weight of the newest outcome in a probability. */
const newestOutcome = 0.1;
/** Smaller files tell what a save or a load costs anyway, and not what their bytes cost. */
const leastBytes = 1_000_000;
/** Never sure enough to stop finding out. */
const leastChance = 0.1;

const figure = z.number().nonnegative();
const learnedSchema = z.object({
  prefillMsPerToken: figure,
  bytesPerToken: figure,
  /** What a save keeps the NPU for, apart from the bytes: the quickest one so far. */
  saveMs: figure,
  saveMsPerByte: figure,
  /** The same, until the file is on the disk for good. */
  writeMs: figure,
  writeMsPerByte: figure,
  loadMs: figure,
  loadMsPerByte: figure,
  /** Chance that what is in memory is pushed out before it is used again. */
  displaced: figure.max(1),
  /** Chance that what is saved is used before it is given up. */
  returns: figure.max(1),
  /** Measurements behind the figures; without one, the figure is what is usual. */
  seen: z.object({ prefill: figure, save: figure, write: figure, load: figure }),
});
type Learned = z.infer<typeof learnedSchema>;

/** A 1.7B model on an RK3588 (w8a8, runtime 1.3.0) with a memory card: usual, until measured. */
const usual: Learned = {
  prefillMsPerToken: 4.5,
  bytesPerToken: 110_000,
  saveMs: 150,
  saveMsPerByte: 1 / 40_000,
  writeMs: 150,
  writeMsPerByte: 1 / 40_000,
  loadMs: 20,
  loadMsPerByte: 1 / 80_000,
  displaced: 0.5,
  returns: 0.5,
  seen: { prefill: 0, save: 0, write: 0, load: 0 },
};

export interface SaveTimes {
  savedMs: number;
  writtenMs: number;
}

export class Costs {
  readonly #learned: Learned;

  constructor(learned: Learned = usual) {
    this.#learned = { ...learned, seen: { ...learned.seen } };
  }

  /** What `toJSON` gave; the usual figures for anything else. */
  static parse(text: string): Costs {
    try {
      return new Costs(learnedSchema.parse(JSON.parse(text)));
    } catch {
      return new Costs();
    }
  }

  toJSON(): unknown {
    return this.#learned;
  }

  /** Chance that what is in memory is pushed out before it is used again. */
  get displaced(): number {
    return this.#learned.displaced;
  }

  /** Chance that what is saved is used before it is given up. */
  get returns(): number {
    return this.#learned.returns;
  }

  /** False as long as nothing was saved: nobody knows then what a token takes on the disk. */
  get knowsSaving(): boolean {
    return this.#learned.seen.save > 0;
  }

  prefillMs(tokens: number): number {
    return tokens * this.#learned.prefillMsPerToken;
  }

  bytes(tokens: number): number {
    return Math.ceil(tokens * this.#learned.bytesPerToken);
  }

  /** Milliseconds that the NPU is kept while so many bytes are saved. */
  saveMs(bytes: number): number {
    return this.#learned.saveMs + bytes * this.#learned.saveMsPerByte;
  }

  /** Milliseconds until they are on the disk for good. */
  writeMs(bytes: number): number {
    return this.#learned.writeMs + bytes * this.#learned.writeMsPerByte;
  }

  loadMs(bytes: number): number {
    return this.#learned.loadMs + bytes * this.#learned.loadMsPerByte;
  }

  sawPrefill(tokens: number, ms: number): void {
    // Few tokens tell of what a run costs anyway.
    if (tokens < 32 || ms <= 0) return;
    this.#mix('prefill', 'prefillMsPerToken', ms / tokens);
    this.#learned.seen.prefill += 1;
  }

  /** Times from the beginning of a save: until the NPU was free, until the file was on the disk. */
  sawSave(tokens: number, bytes: number, { savedMs, writtenMs }: SaveTimes): void {
    this.#learned.saveMs = Math.min(this.#learned.saveMs, savedMs);
    this.#learned.writeMs = Math.min(this.#learned.writeMs, writtenMs);
    this.#mix('save', 'bytesPerToken', bytes / tokens);
    this.#learned.seen.save += 1;
    if (bytes < leastBytes) return;
    this.#mix('write', 'saveMsPerByte', (savedMs - this.#learned.saveMs) / bytes);
    this.#mix('write', 'writeMsPerByte', (writtenMs - this.#learned.writeMs) / bytes);
    this.#learned.seen.write += 1;
  }

  sawLoad(bytes: number, ms: number): void {
    this.#learned.loadMs = Math.min(this.#learned.loadMs, ms);
    if (bytes < leastBytes) return;
    this.#mix('load', 'loadMsPerByte', (ms - this.#learned.loadMs) / bytes);
    this.#learned.seen.load += 1;
  }

  sawDisplaced(isDisplaced: boolean): void {
    this.#learned.displaced = outcome(this.#learned.displaced, isDisplaced);
  }

  sawReturn(isUsed: boolean): void {
    this.#learned.returns = outcome(this.#learned.returns, isUsed);
  }

  /** The first measurement takes the place of what is usual. */
  #mix(
    kind: keyof Learned['seen'],
    figure: 'prefillMsPerToken' | 'bytesPerToken' | `${'save' | 'write' | 'load'}MsPerByte`,
    measured: number,
  ): void {
    const before = this.#learned[figure];
    this.#learned[figure] =
      this.#learned.seen[kind] === 0 ? measured : before + newest * (measured - before);
  }
}

function outcome(chance: number, happened: boolean): number {
  return Math.max(leastChance, chance + newestOutcome * ((happened ? 1 : 0) - chance));
}
