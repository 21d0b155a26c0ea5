import { type Node, type Position, type Rest, type Shortest, settle } from './grammar.ts';
import { limits } from './limits.ts';

/** A value that is one of several; empty until its schema is compiled, so that schemas may recur. */
export class AnyOf implements Node {
  alternatives: readonly Node[] = [];
  length = Number.POSITIVE_INFINITY;
  height = Number.POSITIVE_INFINITY;
  #lead: string | undefined;

  get parts(): readonly Node[] {
    return this.alternatives;
  }

  get needs(): readonly Node[] {
    return this.alternatives;
  }

  get lead(): string {
    this.#lead ??= possible(this.alternatives)
      .map(({ lead }) => lead)
      .reduce(commonPrefix);
    return this.#lead;
  }

  measure(): boolean {
    const [best] = byLength(this.alternatives);
    return best !== undefined && settle(this, best.length, best.height);
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    const [only] = this.alternatives;
    if (only !== undefined && this.alternatives.length === 1) return only.begin(codePoint, rest);
    return this.alternatives.flatMap((node) => node.begin(codePoint, rest));
  }

  shortest(taken: readonly string[] | null): Shortest | null {
    for (const node of byLength(this.alternatives)) {
      const shortest = node.shortest(taken);
      if (shortest !== null) return shortest;
    }
    return null;
  }
}

function possible(nodes: readonly Node[]): Node[] {
  return nodes.filter(({ length }) => length <= limits.shortestDocument);
}

function byLength(nodes: readonly Node[]): Node[] {
  return possible(nodes).sort((a, b) => a.length - b.length);
}

/** The longest text that both begin with. */
export function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
