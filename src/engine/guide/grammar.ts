/** Where a reading of the text stands. Immutable; every position can be brought to a valid end. */
export interface Position {
  /** The readings after one more code point; none: it does not belong here. */
  step(codePoint: number): readonly Position[];
  /** Text that belongs here in any case, as far as this position knows by itself. */
  readonly forced: string;
  /** A short text that ends the whole document from here. */
  closing(): string;
  /** Index behind the characters of `text` from `from` on that leave this position as it is. */
  skip?(text: string, from: number): number;
}

/** What comes after a value. */
export interface Rest {
  /** Levels of arrays and objects around the value. */
  readonly depth: number;
  /** JSON texts of scalars that the value must not be; null: nobody asks what it is. */
  readonly taken: readonly string[] | null;
  /** `value`: the JSON text of a scalar, where `taken` is asked; otherwise anything. */
  after(value: string): readonly Position[];
  closing(value: string): string;
}

/** A short text of a value; `value` is its JSON text where it is a scalar. */
export interface Shortest {
  text: string;
  value: string;
}

/** A set of JSON values, as texts. */
export interface Node {
  /** Characters of a short text, and its levels; Infinity: there is none (known so far). */
  length: number;
  height: number;
  /** The nodes inside, and those of them without which there is no value; null: a scalar. */
  readonly parts: readonly Node[] | null;
  readonly needs: readonly Node[] | null;
  /**
   * Finds `length` and `height` from what the parts have; true: something changed. `invents`: an
   * object that needs more members than its declared ones can give makes up keys.
   */
  measure(invents: boolean): boolean;
  /** What every text of it begins with; '' where there is a choice. */
  readonly lead: string;
  /** Positions after the value's first character. */
  begin(codePoint: number, rest: Rest): readonly Position[];
  /** A short text of a value that is not taken; null: there is none. */
  shortest(taken: readonly string[] | null): Shortest | null;
}

/** Notes what was found out about a node; true: it is news. A length never grows. */
export function settle(node: Node, length: number, height: number): boolean {
  if (length > node.length || (length === node.length && height === node.height)) return false;
  node.length = length;
  node.height = height;
  return true;
}

/** Any text that stands in a document, not only a value: what guides are combined from. */
export interface Grammar {
  enter(rest: Rest): readonly Position[];
  shortest(): string;
}

/** Behind the last character. */
export const end: Position = {
  step: () => [],
  forced: '',
  closing: () => '',
};

/** What comes after the whole text: nothing. */
export const nothing: Rest = {
  depth: 0,
  taken: null,
  after: () => [end],
  closing: () => '',
};

export const none: readonly Position[] = [];
