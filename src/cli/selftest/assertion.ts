/** What a self test is made of. */
import type { Model } from '../../library/index.ts';
import type { Subject } from './subject.ts';

/** Figures that were measured on the way, with their units in the names. */
export type Measured = Record<string, number | string>;

/** What assertions see of a model. */
export type Tested = Pick<Subject, keyof Subject>;

export interface Bench {
  /** The model under test, loaded; started again when the one before was lost. */
  subject(): Promise<Tested>;
  /** The same model in another process of its own, at the same time. */
  another(): Promise<Tested>;
  readonly model: Model;
  /** Bytes that programs can still have; null where nobody knows. */
  availableBytes(): Promise<number | null>;
  /** Bytes that loading the model once more takes. */
  readonly neededBytes: number;
  /** A path in a folder that goes with the self test. */
  file(name: string): string;
}

/** One thing that rkllamad relies on. */
export interface Assertion {
  id: string;
  /** What is expected, as a short sentence. */
  title: string;
  /** Throws `Broken` where the runtime does something else, `NotTested` where it cannot be told. */
  run(bench: Bench): Promise<Measured>;
}

/** The runtime does something else than rkllamad relies on. */
export class Broken extends Error {
  readonly measured: Measured;

  constructor(words: string, measured: Measured = {}) {
    super(words);
    this.measured = measured;
  }
}

/** This runtime or this model cannot show it. */
export class NotTested extends Error {}

/** Throws `Broken` unless it holds. */
export function expectThat(holds: boolean, words: string, measured: Measured = {}): void {
  if (!holds) throw new Broken(words, measured);
}
