import type { Node } from '../grammar.ts';
import { refusal } from './refusal.ts';

const mostSteps = 500_000;

/** Finds the shortest text of every node; those that have none keep an infinite length. */
export function measureAll(nodes: readonly Node[]): void {
  const users = new Map<Node, Node[]>();
  for (const node of nodes)
    for (const part of node.parts ?? []) {
      const known = users.get(part);
      if (known === undefined) users.set(part, [node]);
      else known.push(node);
    }
  spread(nodes.toReversed(), users, false);
  // An invented key is no answer where a declared one will do, even if that is longer.
  spread(nodes.filter(({ length }) => !Number.isFinite(length)).toReversed(), users, true);
}

function spread(queue: Node[], users: ReadonlyMap<Node, readonly Node[]>, invents: boolean): void {
  const waiting = new Set<Node>(queue);
  let steps = 0;
  for (const node of queue) {
    waiting.delete(node);
    steps += 1;
    if (steps > mostSteps) throw refusal('$ref', '', 'the schema is too complicated.');
    if (!node.measure(invents)) continue;
    for (const user of users.get(node) ?? []) {
      if (waiting.has(user)) continue;
      waiting.add(user);
      queue.push(user);
    }
  }
}
