import { Before } from './before.ts';
import { type Blanks, moreBlanks, noBlanks } from './blanks.ts';
import { type Node, none, type Position, type Rest, type Shortest, settle } from './grammar.ts';
import { limits } from './limits.ts';
import {
  type Candidates,
  type Extra,
  type Member,
  Members,
  type ObjectShape,
  type Progress,
} from './object-shape.ts';
import { InString } from './string.ts';

/** An object in braces: declared properties in their order, then others. */
export class ObjectNode implements Node {
  readonly lead = '{';
  readonly members: Members;
  length = Number.POSITIVE_INFINITY;
  height = Number.POSITIVE_INFINITY;
  /** What `length` and `height` were found with: values that are each shorter than this one. */
  #plan: readonly Member[] | null = null;

  constructor(shape: ObjectShape) {
    this.members = new Members(shape);
  }

  get parts(): readonly Node[] {
    const { properties, extras } = this.members.shape;
    return [...properties, ...extras].map(({ node }) => node);
  }

  get needs(): readonly Node[] {
    const required = this.members.shape.properties.filter((property) => property.required);
    return required.map(({ node }) => node);
  }

  measure(invents: boolean): boolean {
    const { minimum, maximum } = this.members.shape;
    if (minimum > maximum || minimum > limits.shortestDocument) return false;
    // Once this object has a length, it may itself be what a fresh plan fills up with.
    const fresh = this.members.plan(beginning, 0, invents);
    const plan = lengthOf(fresh) < lengthOf(this.#plan) ? fresh : this.#plan;
    const length = lengthOf(plan);
    if (plan === null || length > limits.shortestDocument) return false;
    this.#plan = plan;
    const height = plan.reduce((most, { node }) => Math.max(most, node.height), 0);
    return settle(this, length, height + 1);
  }

  begin(codePoint: number, rest: Rest): readonly Position[] {
    if (codePoint !== 0x7b || rest.depth + this.height > limits.depth) return none;
    return [new KeyStart(new Inside(this.members, beginning, rest), true)];
  }

  shortest(): Shortest | null {
    return this.#plan === null ? null : { text: `{${texts(this.#plan).join()}}`, value: '' };
  }
}

const beginning: Progress = { next: 0, count: 0, used: [] };

function lengthOf(plan: readonly Member[] | null): number {
  if (plan === null) return Number.POSITIVE_INFINITY;
  return plan.reduce((sum, { key, node }) => sum + key.length + node.length + 2, 2);
}

function texts(plan: readonly Member[]): string[] {
  return plan.map(({ key, node }) => `${key}:${node.shortest(null)?.text}`);
}

/** An object up to the end of a member. */
class Inside {
  readonly members: Members;
  readonly progress: Progress;
  readonly outer: Rest;
  readonly depth: number;
  #candidates: Candidates | undefined;

  constructor(members: Members, progress: Progress, outer: Rest) {
    this.members = members;
    this.progress = progress;
    this.outer = outer;
    this.depth = outer.depth + 1;
  }

  get candidates(): Candidates {
    this.#candidates ??= this.members.candidates(this.progress, this.depth);
    return this.#candidates;
  }

  get mayEnd(): boolean {
    return this.members.mayEnd(this.progress);
  }

  get mayGoOn(): boolean {
    return this.candidates.declared !== null || this.candidates.extras.length > 0;
  }

  afterDeclared(index: number): Inside {
    const { count, used } = this.progress;
    return new Inside(this.members, { next: index + 1, count: count + 1, used }, this.outer);
  }

  afterExtra(key: string): Inside {
    const { count, used } = this.progress;
    const next = this.members.shape.properties.length;
    const all = this.members.tracks ? [...used, key] : used;
    return new Inside(this.members, { next, count: count + 1, used: all }, this.outer);
  }

  /** The rest of the object, behind a member. */
  end(): string {
    const plan = this.members.plan(this.progress, this.depth) ?? [];
    return `${texts(plan)
      .map((text) => `,${text}`)
      .join('')}}${this.outer.closing('')}`;
  }

  /** The rest of the object, where a key has to come. */
  endWithKey(): string {
    const plan = this.members.plan(this.progress, this.depth) ?? [];
    const one = plan.length === 0 ? this.members.one(this.progress, this.depth) : null;
    return `${texts(one === null ? plan : [one]).join()}}${this.outer.closing('')}`;
  }
}

/** In front of a key, or of the end of an empty object. */
class KeyStart implements Position {
  readonly #inside: Inside;
  readonly #first: boolean;
  readonly #blanks: Blanks;

  constructor(inside: Inside, first: boolean, blanks: Blanks = noBlanks) {
    this.#inside = inside;
    this.#first = first;
    this.#blanks = blanks;
  }

  get forced(): string {
    if (!this.#inside.mayGoOn) return '}';
    if (this.#first && this.#inside.mayEnd) return '';
    const { declared, extras } = this.#inside.candidates;
    const lead = extras.length > 0 || declared === null ? '"' : declared.lead;
    return this.#first || this.#blanks !== noBlanks ? lead : ` ${lead}`;
  }

  step(codePoint: number): readonly Position[] {
    const blanks = moreBlanks(this.#blanks, codePoint);
    if (blanks !== null) return [new KeyStart(this.#inside, this.#first, blanks)];
    if (codePoint === 0x7d)
      return this.#first && this.#inside.mayEnd ? this.#inside.outer.after('') : none;
    if (codePoint !== 0x22) return none;
    const { declared, extras } = this.#inside.candidates;
    const key = declared?.begin(codePoint, new DeclaredKey(this.#inside)) ?? none;
    return [...key, ...extras.map((extra) => extraKey(this.#inside, extra))];
  }

  closing(): string {
    if (this.#first && this.#inside.mayEnd) return `}${this.#inside.outer.closing('')}`;
    return this.#inside.endWithKey();
  }
}

function extraKey(inside: Inside, extra: Extra): Position {
  const rest = new ExtraKey(inside, extra);
  const known = rest.taken.map((key) => String(JSON.parse(key)));
  return new InString(extra.keys, extra.keys.start, rest, '', known);
}

class DeclaredKey implements Rest {
  readonly depth = 0;
  readonly taken = null;
  readonly #inside: Inside;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  after(key: string): readonly Position[] {
    return [this.#colon(key)];
  }

  closing(key: string): string {
    return this.#colon(key).closing();
  }

  #colon(key: string): Colon {
    const index = this.#inside.members.indexOf(key);
    const property = this.#inside.members.shape.properties[index];
    if (property === undefined) throw new Error(`${key} is no declared key.`);
    return new Colon(property.node, new MemberValue(this.#inside.afterDeclared(index)));
  }
}

class ExtraKey implements Rest {
  readonly depth = 0;
  readonly taken: readonly string[];
  readonly #inside: Inside;
  readonly #extra: Extra;

  constructor(inside: Inside, extra: Extra) {
    this.#inside = inside;
    this.#extra = extra;
    this.taken = [...inside.members.declaredKeys, ...inside.progress.used];
  }

  after(key: string): readonly Position[] {
    return [this.#colon(key)];
  }

  closing(key: string): string {
    return this.#colon(key).closing();
  }

  #colon(key: string): Colon {
    return new Colon(this.#extra.node, new MemberValue(this.#inside.afterExtra(key)));
  }
}

class Colon implements Position {
  readonly forced = ':';
  readonly #node: Node;
  readonly #rest: Rest;
  readonly #blanks: Blanks;

  constructor(node: Node, rest: Rest, blanks: Blanks = noBlanks) {
    this.#node = node;
    this.#rest = rest;
    this.#blanks = blanks;
  }

  step(codePoint: number): readonly Position[] {
    if (codePoint === 0x3a) return [new Before(this.#node, this.#rest, ' ')];
    const blanks = moreBlanks(this.#blanks, codePoint);
    return blanks === null ? none : [new Colon(this.#node, this.#rest, blanks)];
  }

  closing(): string {
    return `:${this.#node.shortest(null)?.text}${this.#rest.closing('')}`;
  }
}

/** Around the value of a member. */
class MemberValue implements Rest {
  readonly taken = null;
  readonly depth: number;
  readonly #inside: Inside;
  #after: readonly Position[] | undefined;

  /** `inside`: the object with the member in it. */
  constructor(inside: Inside) {
    this.#inside = inside;
    this.depth = inside.depth;
  }

  after(): readonly Position[] {
    this.#after ??= [new AfterMember(this.#inside)];
    return this.#after;
  }

  closing(): string {
    return this.#inside.end();
  }
}

class AfterMember implements Position {
  readonly #inside: Inside;
  readonly #blanks: Blanks;

  constructor(inside: Inside, blanks: Blanks = noBlanks) {
    this.#inside = inside;
    this.#blanks = blanks;
  }

  get forced(): string {
    if (!this.#inside.mayGoOn) return '}';
    return this.#inside.mayEnd ? '' : ',';
  }

  step(codePoint: number): readonly Position[] {
    const blanks = moreBlanks(this.#blanks, codePoint);
    if (blanks !== null) return [new AfterMember(this.#inside, blanks)];
    if (codePoint === 0x7d) return this.#inside.mayEnd ? this.#inside.outer.after('') : none;
    if (codePoint !== 0x2c || !this.#inside.mayGoOn) return none;
    return [new KeyStart(this.#inside, false)];
  }

  closing(): string {
    return this.#inside.end();
  }
}
