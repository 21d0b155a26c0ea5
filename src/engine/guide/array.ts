import { Before } from './before.ts';
import { type Blanks, moreBlanks, noBlanks } from './blanks.ts';
import { type Node, none, type Position, type Rest, type Shortest, settle } from './grammar.ts';
import { limits } from './limits.ts';

export interface ArrayShape {
  /** Nodes of the first items; behind them `items` is the node of each. */
  prefix: readonly Node[];
  items: Node;
  minimum: number;
  maximum: number;
  /** All items are scalars, and no two the same. */
  unique: boolean;
}

/** An array in brackets. */
export class ArrayNode implements Node {
  readonly lead = '[';
  readonly shape: ArrayShape;
  length = Number.POSITIVE_INFINITY;
  height = Number.POSITIVE_INFINITY;

  constructor(shape: ArrayShape) {
    this.shape = shape;
  }

  get parts(): readonly Node[] {
    return [...this.shape.prefix, this.shape.items];
  }

  get needs(): readonly Node[] {
    const { prefix, items, minimum } = this.shape;
    return [...prefix.slice(0, minimum), ...(minimum > prefix.length ? [items] : [])];
  }

  measure(): boolean {
    const { minimum, maximum, unique } = this.shape;
    if (minimum > maximum || minimum > limits.shortestDocument) return false;
    const length = unique ? this.#uniqueLength() : this.#length();
    if (length > limits.shortestDocument) return false;
    const height = this.needs.reduce((most, item) => Math.max(most, item.height), 0);
    return settle(this, length, height + 1);
  }

  #length(): number {
    const { minimum, prefix, items } = this.shape;
    const first = prefix.slice(0, minimum).reduce((sum, { length }) => sum + length, 0);
    const others = Math.max(0, minimum - prefix.length);
    return first + (others === 0 ? 0 : others * items.length) + Math.max(0, minimum - 1) + 2;
  }

  #uniqueLength(): number {
    if (this.shape.minimum > 0 && this.shape.items.length === Number.POSITIVE_INFINITY)
      return Number.POSITIVE_INFINITY;
    const texts = this.texts(0, []);
    return texts === null ? Number.POSITIVE_INFINITY : texts.join().length + 2;
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    if (codePoint !== 0x5b || rest.depth + this.height > limits.depth) return none;
    return [new BetweenItems(new Items(this, 0, rest, this.shape.unique ? [] : null))];
  }

  shortest(): Shortest | null {
    const texts = this.texts(0, this.shape.unique ? [] : null);
    return texts === null ? null : { text: `[${texts.join()}]`, value: '' };
  }

  item(index: number): Node {
    return this.shape.prefix[index] ?? this.shape.items;
  }

  /** Whether an item may stand at `index` of an array that is `depth` levels deep. */
  holds(index: number, depth: number, taken: readonly string[] | null): boolean {
    if (index >= this.shape.maximum) return false;
    const item = this.item(index);
    if (item.length > limits.shortestDocument || depth + item.height > limits.depth) return false;
    return taken === null || item.shortest(taken) !== null;
  }

  /** Short texts of the items that are still needed; null: there are none. */
  texts(from: number, taken: readonly string[] | null): string[] | null {
    const texts: string[] = [];
    const used = [...(taken ?? [])];
    for (let index = from; index < this.shape.minimum; index += 1) {
      const shortest = this.item(index).shortest(taken === null ? null : used);
      if (shortest === null) return null;
      texts.push(shortest.text);
      used.push(shortest.value);
    }
    return texts;
  }
}

/** So many items are written, and the next may be. */
class Items implements Rest {
  readonly node: ArrayNode;
  readonly count: number;
  readonly outer: Rest;
  readonly depth: number;
  readonly taken: readonly string[] | null;
  /** By the value, so that two readings of one item go on as one. */
  readonly #after = new Map<string, readonly Position[]>();

  constructor(node: ArrayNode, count: number, outer: Rest, taken: readonly string[] | null) {
    this.node = node;
    this.count = count;
    this.outer = outer;
    this.depth = outer.depth + 1;
    this.taken = taken;
  }

  get isFirst(): boolean {
    return this.count === 0;
  }

  get mayEnd(): boolean {
    return this.count >= this.node.shape.minimum;
  }

  get mayGoOn(): boolean {
    return this.node.holds(this.count, this.depth, this.taken);
  }

  after(value: string): readonly Position[] {
    const key = this.taken === null ? '' : value;
    const positions = this.#after.get(key) ?? [new BetweenItems(this.#with(value))];
    this.#after.set(key, positions);
    return positions;
  }

  closing(value: string): string {
    return this.#with(value).end();
  }

  /** The rest of the array, behind the item before. */
  end(): string {
    const texts = this.node.texts(this.count, this.taken) ?? [];
    const comma = this.isFirst || texts.length === 0 ? '' : ',';
    return `${comma}${texts.join()}]${this.outer.closing('')}`;
  }

  #with(value: string): Items {
    const taken = this.taken === null ? null : [...this.taken, value];
    return new Items(this.node, this.count + 1, this.outer, taken);
  }
}

/** Behind the opening bracket or behind an item. */
class BetweenItems implements Position {
  readonly #items: Items;
  readonly #blanks: Blanks;

  constructor(items: Items, blanks: Blanks = noBlanks) {
    this.#items = items;
    this.#blanks = blanks;
  }

  get forced(): string {
    const { mayGoOn, mayEnd, isFirst, node } = this.#items;
    if (!mayGoOn) return ']';
    if (mayEnd) return '';
    return isFirst ? node.item(0).lead : ',';
  }

  step(codePoint: number): readonly Position[] {
    const blanks = moreBlanks(this.#blanks, codePoint);
    if (blanks !== null) return [new BetweenItems(this.#items, blanks)];
    const { mayGoOn, mayEnd, isFirst, node, count, outer } = this.#items;
    if (codePoint === 0x5d) return mayEnd ? outer.after('') : none;
    if (!mayGoOn) return none;
    if (isFirst) return node.item(0).begin(codePoint, this.#items);
    return codePoint === 0x2c ? [new Before(node.item(count), this.#items, ' ')] : none;
  }

  closing(): string {
    return this.#items.end();
  }
}
