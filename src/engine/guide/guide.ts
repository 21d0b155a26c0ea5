import type { Grammar } from './grammar.ts';

/** What a text must be, as something that text can be held against while it is written. */
export interface Guide {
  readonly start: GuideState;
  /** For guides that are made of guides; of no use outside of this folder. */
  readonly grammar: Grammar;
  /** Judges a whole text; null: it is what this guide promises, otherwise what is wrong with it. */
  validate(text: string): Promise<string | null>;
}

/** A position in a text. Immutable: any state may be continued more than once. */
export interface GuideState {
  /**
   * Text that belongs here whatever follows, in the spelling of `json.dumps`; '' where there is a
   * choice or the text may end. Never ends in a blank or inside a word that could go on differently,
   * and may be shorter than what is certain (a long one comes in pieces).
   */
  readonly forced: string;
  /** The text so far is whole and valid. */
  readonly complete: boolean;
  /** Whole, and nothing may follow. */
  readonly ended: boolean;
  /**
   * Takes as much of `text` as can belong here. `accepted` counts UTF-16 units and never splits a
   * surrogate pair; half a pair is not accepted.
   */
  accept(text: string): { state: GuideState; accepted: number };
  /** A short text that ends the document from here in a valid way; '' where it is complete. */
  closing(): string;
}
