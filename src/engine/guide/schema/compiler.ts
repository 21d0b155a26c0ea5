import { AnyOf } from '../any-of.ts';
import type { Node } from '../grammar.ts';
import { limits } from '../limits.ts';
import { branchesOf } from './branches.ts';
import type { Languages } from './languages.ts';
import { measureAll } from './measure.ts';
import { nodesOf } from './nodes.ts';
import { tellingProperty } from './one-of.ts';
import { refusal } from './refusal.ts';
import type { Group, Schema } from './schema.ts';

/** Why a schema has no values: a keyword that contradicts another, or itself. */
export interface Conflict {
  keyword: string;
  pointer: string;
  why: string;
}

/** What the parts of a schema are compiled with. */
export interface Workshop {
  readonly languages: Languages;
  /** The values that satisfy all of `schemas`; compiled later, so that schemas may recur. */
  node(schemas: readonly Schema[]): AnyOf;
  conflict(conflict: Conflict): void;
  /** The items of an array whose items have to differ. */
  scalarsOnly(items: AnyOf, pointer: string): void;
  /** Keywords without `type` are taken as a hint at the type that is meant. */
  readonly guessesTypes: boolean;
}

interface Task {
  node: AnyOf;
  schemas: readonly Schema[];
  /** Everything that the schema allows is asked for, not only what will be written. */
  exact: boolean;
}

/** A node that something is asked of when all are compiled. */
interface Asked {
  node: AnyOf;
  pointer: string;
}

/** Turns schemas into nodes: one for every set of schemas that has to hold at one place. */
export class Compiler {
  readonly #languages: Languages;
  readonly #requiring: (name: string, pointer: string) => Schema;
  readonly #nodes = new Map<string, AnyOf>();
  readonly #tasks: Task[] = [];
  readonly #compiled: Node[] = [];
  readonly #overlaps: Asked[] = [];
  readonly #scalars: Asked[] = [];
  readonly #conflicts = new Map<AnyOf, Conflict>();
  readonly #telling = new Map<Group, Schema | null>();
  #alternatives = 0;

  constructor(languages: Languages, requiring: (name: string, pointer: string) => Schema) {
    this.#languages = languages;
    this.#requiring = requiring;
  }

  /** Throws `invalid_request` where `root` has no value, or where a value cannot be guaranteed. */
  compile(root: Schema): AnyOf {
    const node = this.#node([root], false);
    for (const task of this.#tasks) this.#work(task);
    for (const { node: items, pointer } of this.#scalars)
      if (items.alternatives.some(({ parts }) => parts !== null))
        throw refusal('uniqueItems', pointer, 'of arrays or objects it cannot be guaranteed.');
    measureAll(this.#compiled);
    for (const { node: both, pointer } of this.#overlaps)
      if (isPossible(both))
        throw refusal('oneOf', pointer, 'one value can satisfy two of the schemas; use anyOf.');
    if (!isPossible(node)) throw this.#impossible(node);
    return node;
  }

  #node(schemas: readonly Schema[], exact: boolean): AnyOf {
    const ids = [...new Set(schemas.map(({ id }) => id))].sort((a, b) => a - b);
    const key = `${exact ? 'exact ' : ''}${ids.join()}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.size >= limits.nodes)
      throw refusal('allOf', schemas[0]?.pointer ?? '', 'the schema is too large in combination.');
    const node = new AnyOf();
    this.#nodes.set(key, node);
    this.#tasks.push({ node, schemas, exact });
    return node;
  }

  #work({ node, schemas, exact }: Task): void {
    const workshop: Workshop = {
      languages: this.#languages,
      guessesTypes: !exact,
      node: (parts) => this.#node(parts, exact),
      scalarsOnly: (items, pointer) => {
        if (!exact) this.#scalars.push({ node: items, pointer });
      },
      conflict: (conflict) => {
        if (!this.#conflicts.has(node)) this.#conflicts.set(node, conflict);
      },
    };
    const branches = branchesOf(schemas, (group, pointer) => this.#tighten(group, pointer, exact));
    if (branches.length === 0)
      workshop.conflict({
        keyword: 'false',
        pointer: schemas[0]?.pointer ?? '',
        why: 'nothing is allowed here.',
      });
    node.alternatives = branches.flatMap((branch) => nodesOf(branch, workshop));
    this.#alternatives += node.alternatives.length;
    if (this.#alternatives > limits.nodes * 8)
      throw refusal('anyOf', schemas[0]?.pointer ?? '', 'the schema is too large in combination.');
    this.#compiled.push(node, ...node.alternatives);
  }

  #tighten(group: Group, pointer: string, exact: boolean): readonly Schema[] {
    const known = this.#telling.get(group);
    if (known !== undefined) return known === null ? [] : [known];
    const name = tellingProperty(group);
    const telling = name === null ? null : this.#requiring(name, pointer);
    this.#telling.set(group, telling);
    if (telling !== null) return [telling];
    if (!exact) this.#compare(group, pointer);
    return [];
  }

  #compare({ branches }: Group, pointer: string): void {
    for (const [index, left] of branches.entries())
      for (const right of branches.slice(index + 1))
        this.#overlaps.push({ node: this.#node([left, right], true), pointer });
  }

  #impossible(node: AnyOf): Error {
    const { keyword, pointer, why } = this.#reason(node, new Set()) ?? {
      keyword: '$ref',
      pointer: '',
      why: 'every document would have to go on for ever, or be too long.',
    };
    return refusal(keyword, pointer, why);
  }

  #reason(node: Node, seen: Set<Node>): Conflict | null {
    if (seen.has(node) || isPossible(node)) return null;
    seen.add(node);
    if (node instanceof AnyOf) {
      const own = this.#conflicts.get(node);
      if (own !== undefined && node.alternatives.length === 0) return own;
    }
    for (const part of node.needs ?? []) {
      const reason = this.#reason(part, seen);
      if (reason !== null) return reason;
    }
    return null;
  }
}

function isPossible({ length }: Node): boolean {
  return length <= limits.shortestDocument;
}
