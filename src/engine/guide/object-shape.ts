import type { Node } from './grammar.ts';
import { accepts, hasOther, type Language, shortWord } from './language.ts';
import { limits } from './limits.ts';
import { Literal } from './literal.ts';

export interface Property {
  name: string;
  required: boolean;
  node: Node;
}

/** Keys beyond the declared ones, and what stands behind them. */
export interface Extra {
  keys: Language;
  node: Node;
}

/** What may stand in an object, and in which order: declared properties as declared, then extras. */
export interface ObjectShape {
  properties: readonly Property[];
  extras: readonly Extra[];
  minimum: number;
  maximum: number;
}

/** How far an object is: the next declared property, members so far, extra keys so far. */
export interface Progress {
  next: number;
  count: number;
  /** JSON texts; only where the number of keys matters. */
  used: readonly string[];
}

/** What may be written as the next key. */
export interface Candidates {
  /** JSON texts of declared keys. */
  declared: Literal | null;
  extras: readonly Extra[];
}

/** A member as it will be written: the JSON text of its key, and its value. */
export interface Member {
  key: string;
  node: Node;
}

const nobody: Candidates = { declared: null, extras: [] };

/** Answers which keys may come next, so that everything that is required still finds room. */
export class Members {
  readonly shape: ObjectShape;
  /** JSON texts of the declared names, and of the one that `JSON.parse` users trip over. */
  readonly declaredKeys: readonly string[];
  readonly tracks: boolean;
  readonly #requiredFrom: readonly number[];
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #usable = new Map<number, readonly number[]>();
  readonly #memo = new Map<string, Candidates>();

  constructor(shape: ObjectShape) {
    this.shape = shape;
    const names = shape.properties.map(({ name }) => name);
    this.declaredKeys = [...names, '__proto__'].map((name) => JSON.stringify(name));
    this.tracks = shape.minimum > 0;
    this.#indexes = new Map(this.declaredKeys.map((key, index) => [key, index]));
    const from = [0];
    for (const { required } of shape.properties.toReversed())
      from.unshift((from[0] ?? 0) + (required ? 1 : 0));
    this.#requiredFrom = from;
  }

  indexOf(key: string): number {
    return this.#indexes.get(key) ?? -1;
  }

  mayEnd({ next, count }: Progress): boolean {
    return (this.#requiredFrom[next] ?? 0) === 0 && count >= this.shape.minimum;
  }

  /** `depth`: of what stands inside of the object. */
  candidates(progress: Progress, depth: number): Candidates {
    if (progress.count >= this.shape.maximum) return nobody;
    const { next, count, used } = progress;
    const counts = this.shape.minimum > 0 || this.shape.maximum < Number.POSITIVE_INFINITY;
    const deep = depth + this.#tallest() > limits.depth ? depth : 0;
    const key = `${next} ${counts ? count : ''} ${used.length === 0 ? '' : used.join()} ${deep}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const found = this.#candidates(progress, depth);
    if (this.#memo.size < 64) this.#memo.set(key, found);
    return found;
  }

  #tallest(): number {
    const nodes = [...this.shape.properties, ...this.shape.extras].map(({ node }) => node);
    return nodes.filter(isPossible).reduce((most, { height }) => Math.max(most, height), 0);
  }

  #candidates(progress: Progress, depth: number): Candidates {
    const names: string[] = [];
    const { properties, extras, minimum } = this.shape;
    const count = progress.count + 1;
    const keysLeft = this.#keysLeft(progress.used, depth);
    for (let index = progress.next; index < properties.length; index += 1) {
      const property = properties[index];
      if (property === undefined) break;
      const after = { ...progress, next: index + 1, count };
      if (fits(property.node, depth) && this.#enough(after, depth, keysLeft))
        names.push(property.name);
      if (property.required) break;
    }
    const open =
      (this.#requiredFrom[progress.next] ?? 0) === 0 && keysLeft + progress.count >= minimum;
    const words = names.map((name) => JSON.stringify(name));
    return {
      declared: words.length === 0 ? null : new Literal(words),
      extras: open
        ? extras.filter(
            ({ keys, node }) =>
              fits(node, depth) && hasOther(keys, keys.start, this.#known(progress.used)),
          )
        : [],
    };
  }

  /** Whether `progress` leaves room for what is required, and enough to reach the minimum. */
  #enough(progress: Progress, depth: number, keysLeft: number): boolean {
    const required = this.#requiredFrom[progress.next] ?? 0;
    if (progress.count + required > this.shape.maximum) return false;
    if (this.shape.minimum === 0) return true;
    const more = this.#usableFrom(depth)[progress.next] ?? 0;
    return progress.count + more + keysLeft >= this.shape.minimum;
  }

  /** How many declared properties may stand from each index on. */
  #usableFrom(depth: number): readonly number[] {
    const known = this.#usable.get(depth);
    if (known !== undefined) return known;
    const counts = Array.from({ length: this.shape.properties.length + 1 }, () => 0);
    for (let index = counts.length - 2; index >= 0; index -= 1) {
      const node = this.shape.properties[index]?.node;
      const one = node !== undefined && fits(node, depth) ? 1 : 0;
      counts[index] = (counts[index + 1] ?? 0) + one;
    }
    this.#usable.set(depth, counts);
    return counts;
  }

  #keysLeft(used: readonly string[], depth: number): number {
    if (this.shape.minimum === 0) return 0;
    const known = this.#known(used);
    return this.shape.extras
      .filter(({ node }) => fits(node, depth))
      .map(({ keys }) => {
        const count = keys.count(keys.start);
        return count - known.filter((word) => accepts(keys, word)).length;
      })
      .reduce((sum, count) => sum + Math.max(0, count), 0);
  }

  #known(used: readonly string[]): string[] {
    return [...this.declaredKeys, ...used].map((key) => String(JSON.parse(key)));
  }

  /** A short way to the end; null: there is none (known so far), or none without invented keys. */
  plan({ next, count, used }: Progress, depth: number, invents = true): Member[] | null {
    const open = this.shape.properties.slice(next);
    const required = open.filter((property) => property.required);
    if (!required.every(({ node }) => fits(node, depth))) return null;
    if (count + required.length > this.shape.maximum) return null;
    let missing = Math.max(0, this.shape.minimum - count - required.length);
    const fillers = new Set(
      open
        .filter((property) => !property.required && fits(property.node, depth))
        .toSorted((a, b) => a.node.length + a.name.length - b.node.length - b.name.length)
        .slice(0, missing),
    );
    missing -= fillers.size;
    if (missing > 0 && !invents) return null;
    const members = open
      .filter((property) => property.required || fillers.has(property))
      .map(({ name, node }) => ({ key: JSON.stringify(name), node }));
    const known = this.#known(used);
    for (; missing > 0; missing -= 1) {
      const extra = this.#freshExtra(known, depth);
      if (extra === null) return null;
      known.push(extra.word);
      members.push({ key: JSON.stringify(extra.word), node: extra.node });
    }
    return members;
  }

  /** The shortest single member that may come next. */
  one(progress: Progress, depth: number): Member | null {
    const { declared } = this.candidates(progress, depth);
    const key = declared?.shortest(null)?.text;
    const property = key === undefined ? undefined : this.shape.properties[this.indexOf(key)];
    if (key !== undefined && property !== undefined) return { key, node: property.node };
    const extra = this.#freshExtra(this.#known(progress.used), depth);
    return extra === null ? null : { key: JSON.stringify(extra.word), node: extra.node };
  }

  #freshExtra(known: readonly string[], depth: number): { word: string; node: Node } | null {
    for (const { keys, node } of this.shape.extras) {
      const word = fits(node, depth) ? shortWord(keys, keys.start, known) : null;
      if (word !== null) return { word, node };
    }
    return null;
  }
}

function fits(node: Node, depth: number): boolean {
  return isPossible(node) && depth + node.height <= limits.depth;
}

function isPossible({ length }: Node): boolean {
  return length <= limits.shortestDocument;
}
