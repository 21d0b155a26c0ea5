/**
 * Finds any of several strings in a stream, in one pass over its characters however many strings
 * there are and however they overlap (Aho and Corasick, 1975).
 */

interface Node {
  next: Map<number, Node>;
  /** The node of the longest ending of this one's text that begins a marker. */
  fallback: Node | null;
  /** Length of this node's text. */
  depth: number;
  /** The longest marker that ends here. */
  marker: string | null;
}

/** Markers made ready for the search; holds no state of a stream. */
export class MarkerSet {
  readonly root: Node = { next: new Map(), fallback: null, depth: 0, marker: null };

  constructor(markers: readonly string[]) {
    for (const marker of markers) if (marker !== '') this.#add(marker);
    this.#link();
  }

  /** Where one more character leads from `node`. */
  step(node: Node, unit: number): Node {
    for (let at: Node | null = node; at !== null; at = at.fallback) {
      const next = at.next.get(unit);
      if (next !== undefined) return next;
    }
    return this.root;
  }

  #add(marker: string): void {
    let node = this.root;
    for (let i = 0; i < marker.length; i++) {
      const unit = marker.charCodeAt(i);
      let next = node.next.get(unit);
      if (next === undefined) {
        next = { next: new Map(), fallback: null, depth: node.depth + 1, marker: null };
        node.next.set(unit, next);
      }
      node = next;
    }
    node.marker = marker;
  }

  #link(): void {
    const queue = [this.root];
    for (const node of queue) {
      for (const [unit, next] of node.next) {
        next.fallback = node.fallback === null ? this.root : this.step(node.fallback, unit);
        next.marker ??= next.fallback.marker;
        queue.push(next);
      }
    }
  }
}

export interface Piece {
  /** Text that is certainly before any marker. */
  before: string;
  /** The marker that ends first; of those that end together, the longest. */
  marker: string | null;
  /** What follows the marker; not looked at yet. */
  rest: string;
}

/** Cuts one stream at its markers; holds back only what may be the beginning of one. */
export class MarkerSplitter {
  readonly #markers: MarkerSet;
  #node: Node;
  #held = '';

  constructor(markers: MarkerSet) {
    this.#markers = markers;
    this.#node = markers.root;
  }

  push(text: string): Piece {
    const all = this.#held + text;
    for (let i = this.#held.length; i < all.length; i++) {
      this.#node = this.#markers.step(this.#node, all.charCodeAt(i));
      const { marker } = this.#node;
      if (marker === null) continue;
      this.#clear();
      return { before: all.slice(0, i + 1 - marker.length), marker, rest: all.slice(i + 1) };
    }
    const certain = all.length - this.#node.depth;
    this.#held = all.slice(certain);
    return { before: all.slice(0, certain), marker: null, rest: '' };
  }

  /** What was held back, at an end of the text. */
  flush(): string {
    const held = this.#held;
    this.#clear();
    return held;
  }

  #clear(): void {
    this.#held = '';
    this.#node = this.#markers.root;
  }
}
