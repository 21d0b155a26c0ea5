import type { JS } from 'refa';
import type { Budget, Machine, Range } from './machine.ts';

type Expression = ReturnType<JS.Parser['parse']>['expression'];
export type Alternatives = Expression['alternatives'];
type Element = Alternatives[number]['elements'][number];

/** What a step without a character asks for: the character before or behind is (not) in a set. */
interface Condition {
  kind: 'ahead' | 'behind';
  negate: boolean;
  set: number;
}

interface NfaNode {
  /** Set of characters that leads to `target`; -1: none. */
  set: number;
  target: number;
  free: { to: number; condition: Condition | null }[];
}

const maxNodes = 20_000;

/** A regular expression that cannot be followed, and why. */
export class RegexRefusal extends Error {
  override readonly name = 'RegexRefusal';
}

/** The strings in which `alternatives` are found somewhere. */
export function searchMachine(alternatives: Alternatives, budget: Budget): Machine {
  return new Search(alternatives, budget);
}

class Search implements Machine {
  readonly start: number;
  readonly alphabet: (readonly Range[])[] = [];
  readonly #nodes: NfaNode[] = [];
  readonly #found: number;
  readonly #states: { nodes: readonly number[]; before: number; moves: Map<number, number> }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #sets = new Map<string, number>();
  /** By character: which sets have it. */
  readonly #members = new Map<number, readonly boolean[]>();
  /** Sets that a look behind asks for. */
  readonly #lookedBack: number[] = [];
  readonly #budget: Budget;

  constructor(alternatives: Alternatives, budget: Budget) {
    this.#budget = budget;
    const first = this.#node();
    this.#found = this.#node();
    this.#link(first, this.#build(alternatives, this.#found));
    const everything = this.#set([{ min: 0, max: 0x10ffff }]);
    this.#through(first, everything, first);
    this.#through(this.#found, everything, this.#found);
    this.start = this.#number([first], -1);
  }

  step(state: number, codePoint: number): number {
    const from = this.#states[state];
    const known = from?.moves.get(codePoint);
    if (from === undefined || known !== undefined) return known ?? -1;
    const targets = new Set<number>();
    for (const index of this.#closure(from.nodes, from.before, codePoint)) {
      const node = this.#nodes[index];
      if (node !== undefined && node.set >= 0 && this.#has(node.set, codePoint))
        targets.add(node.target);
    }
    const next = targets.has(this.#found)
      ? this.#number([this.#found], -1)
      : this.#number(
          [...targets].sort((a, b) => a - b),
          codePoint,
        );
    from.moves.set(codePoint, next);
    return next;
  }

  final(state: number): boolean {
    const { nodes, before } = this.#states[state] ?? { nodes: [], before: -1 };
    return this.#closure(nodes, before, -1).has(this.#found);
  }

  #closure(nodes: readonly number[], before: number, behind: number): Set<number> {
    const reached = new Set(nodes);
    for (const index of reached) {
      this.#budget.visits -= 1;
      if (this.#budget.visits < 0) throw new RegexRefusal('it is too complicated');
      for (const { to, condition } of this.#nodes[index]?.free ?? [])
        if (condition === null || this.#holds(condition, before, behind)) reached.add(to);
    }
    return reached;
  }

  /** -1 is the character outside of the text: in no set. */
  #holds({ kind, negate, set }: Condition, before: number, behind: number): boolean {
    const character = kind === 'ahead' ? behind : before;
    return (character >= 0 && this.#has(set, character)) !== negate;
  }

  #has(set: number, codePoint: number): boolean {
    let sets = this.#members.get(codePoint);
    if (sets === undefined) {
      sets = this.alphabet.map((ranges) =>
        ranges.some(({ min, max }) => min <= codePoint && codePoint <= max),
      );
      this.#members.set(codePoint, sets);
    }
    return sets[set] ?? false;
  }

  /** Where nobody looks back, the character before makes no difference. */
  #number(nodes: readonly number[], before: number): number {
    const seen = this.#lookedBack.map((set) => before >= 0 && this.#has(set, before));
    const key = `${nodes.join()} ${seen.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#states.length);
    return this.#states.push({ nodes, before, moves: new Map() }) - 1;
  }

  #node(): number {
    if (this.#nodes.length >= maxNodes) throw new RegexRefusal('it is too long when written out');
    return this.#nodes.push({ set: -1, target: -1, free: [] }) - 1;
  }

  #set(ranges: readonly Range[]): number {
    const key = ranges.map(({ min, max }) => `${min}-${max}`).join();
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    this.#sets.set(key, this.alphabet.length);
    return this.alphabet.push(ranges) - 1;
  }

  #link(from: number, to: number, condition: Condition | null = null): void {
    this.#nodes[from]?.free.push({ to, condition });
  }

  #through(from: number, set: number, target: number): void {
    const node = this.#nodes[from];
    if (node !== undefined) Object.assign(node, { set, target });
  }

  /** A node from which every way through one of `alternatives` leads to `to`. */
  #build(alternatives: Alternatives, to: number): number {
    const fork = this.#node();
    for (const { elements } of alternatives)
      this.#link(
        fork,
        elements.reduceRight((next, element) => this.#element(element, next), to),
      );
    return fork;
  }

  #element(element: Element, to: number): number {
    switch (element.type) {
      case 'CharacterClass': {
        const from = this.#node();
        this.#through(from, this.#set(element.characters.ranges), to);
        return from;
      }
      case 'Alternation':
        return this.#build(element.alternatives, to);
      case 'Quantifier':
        return this.#repeat(element.alternatives, element.min, element.max, to);
      case 'Assertion':
        return this.#assertion(element, to);
      default:
        throw new RegexRefusal('it has a part that cannot be followed');
    }
  }

  #repeat(alternatives: Alternatives, min: number, max: number, to: number): number {
    let from = to;
    if (max === Number.POSITIVE_INFINITY) {
      from = this.#node();
      this.#link(from, to);
      this.#link(from, this.#build(alternatives, from));
    }
    const optional = max === Number.POSITIVE_INFINITY ? 0 : max - min;
    for (let count = 0; count < optional; count += 1) {
      const fork = this.#node();
      this.#link(fork, to);
      this.#link(fork, this.#build(alternatives, from));
      from = fork;
    }
    for (let count = 0; count < min; count += 1) from = this.#build(alternatives, from);
    return from;
  }

  #assertion(
    { kind, negate, alternatives }: Extract<Element, { type: 'Assertion' }>,
    to: number,
  ): number {
    const ranges = alternatives.map(({ elements }) => {
      const [only] = elements;
      if (elements.length !== 1 || only?.type !== 'CharacterClass')
        throw new RegexRefusal('it looks ahead or behind by more than one character');
      return only.characters.ranges;
    });
    const set = this.#set(ranges.flat().sort((a, b) => a.min - b.min));
    if (kind === 'behind') this.#lookedBack.push(set);
    const from = this.#node();
    this.#link(from, to, { kind, negate, set });
    return from;
  }
}
