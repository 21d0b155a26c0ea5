import { limits } from '../limits.ts';
import { refusal } from './refusal.ts';
import type { Group, Schema } from './schema.ts';

/** Two branches of a `oneOf` that must not hold at once. */
export interface Pair {
  left: readonly Schema[];
  right: readonly Schema[];
  pointer: string;
}

/**
 * All ways to satisfy `schemas` together: each a list of schemas whose own keywords have to hold.
 * `tighten` makes the branches of a `oneOf` tell themselves apart, where that can be seen.
 */
export function branchesOf(
  schemas: readonly Schema[],
  tighten: (group: Group, pointer: string) => readonly Schema[] = () => [],
): Schema[][] {
  const first = schemas[0];
  const branches: Schema[][] = [];
  const chosen: Schema[] = [];
  const extend = (pending: Pending): void => {
    if (pending === null) {
      branches.push([...chosen]);
      if (branches.length > limits.alternatives)
        throw refusal(
          first?.groups[0]?.keyword ?? 'anyOf',
          first?.pointer ?? '',
          `together there are more than ${limits.alternatives} ways to satisfy it.`,
        );
      return;
    }
    const { next, later } = pending;
    if (isChoice(next)) {
      for (const branch of next) extend({ next: branch, later });
      return;
    }
    if (next.never) return;
    if (chosen.includes(next)) {
      extend(later);
      return;
    }
    const choices = next.groups.map((group) => [...group.branches]);
    const more = next.groups.flatMap((group) =>
      group.exactly ? tighten(group, next.pointer) : [],
    );
    chosen.push(next);
    extend(before(later, [...next.also, ...more, ...choices]));
    chosen.pop();
  };
  extend(before(null, schemas));
  return branches;
}

/** Schemas that have to hold, and choices of which one has to: a list whose rest many may share. */
type Pending = { next: Schema | readonly Schema[]; later: Pending } | null;

function before(later: Pending, items: readonly (Schema | readonly Schema[])[]): Pending {
  return items.reduceRight<Pending>((rest, next) => ({ next, later: rest }), later);
}

function isChoice(item: Schema | readonly Schema[]): item is readonly Schema[] {
  return Array.isArray(item);
}
