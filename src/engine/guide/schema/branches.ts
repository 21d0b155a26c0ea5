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
  const extend = (
    chosen: readonly Schema[],
    todo: readonly (Schema | readonly Schema[])[],
  ): void => {
    const [next, ...later] = todo;
    if (next === undefined) {
      branches.push([...chosen]);
      if (branches.length > limits.alternatives)
        throw refusal(
          'anyOf',
          first?.pointer ?? '',
          `together there are more than ${limits.alternatives} ways to satisfy it.`,
        );
      return;
    }
    if (isChoice(next)) {
      for (const branch of next) extend(chosen, [branch, ...later]);
      return;
    }
    if (next.never) return;
    if (chosen.includes(next)) {
      extend(chosen, later);
      return;
    }
    const choices = next.groups.map((group) => [...group.branches]);
    const more = next.groups.flatMap((group) =>
      group.exactly ? tighten(group, next.pointer) : [],
    );
    extend([...chosen, next], [...next.also, ...more, ...choices, ...later]);
  };
  extend([], schemas);
  return branches;
}

function isChoice(item: Schema | readonly Schema[]): item is readonly Schema[] {
  return Array.isArray(item);
}
