/** Which model a client means: the one place where names are checked and matched. */

import { ApplianceError } from '../errors.ts';
import { aliasesOf } from './alias.ts';

const longestName = 256;
const mostCandidates = 10;

/** Throws `invalid_request` for what no model can be called. */
export function checkName(name: string): void {
  const flaw = flawOf(name);
  if (flaw !== null) {
    throw new ApplianceError('invalid_request', `The model name is not valid: ${flaw}.`);
  }
}

/** Why no model can be called `name`; null when one can. */
export function flawOf(name: string): string | null {
  if (name.trim() === '') return 'it is empty';
  if (name.length > longestName) return `it is longer than ${longestName} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'it contains a control character';
  if (name.includes('\\')) return 'it contains a backslash';
  if (name.startsWith('/')) return 'it is an absolute path';
  const isFlawed = (part: string) => part === '' || part.startsWith('.');
  return name.split('/').some(isFlawed) ? 'a part of it is empty or begins with a dot' : null;
}

interface Named {
  readonly name: string;
}

/**
 * All names of a set of models. A request is matched, in this order, as the listed name, without `:latest` and
 * `.rkllm`, as a short alias, without a namespace that the board does not have, as a model whose namespace was
 * left out; and all of that once more without regard to case. The first step that finds anything decides.
 */
export class NameIndex<T extends Named> {
  readonly #models: Iterable<T>;
  /** Built at the first question: a changing folder asks less often than it changes. */
  #levels: { exact: Levels<T>; folded: Levels<T> } | null = null;

  constructor(models: Iterable<T>) {
    this.#models = models;
  }

  /** Throws `invalid_request`, `model_not_found` or `model_ambiguous`, the latter with the candidates. */
  find(request: string): T {
    checkName(request);
    const name = request.normalize();
    this.#levels ??= index(this.#models);
    const { exact, folded } = this.#levels;
    const found = this.#match(exact, name) ?? this.#match(folded, name.toLowerCase());
    const [first, ...others] = found ?? [];
    if (first === undefined) {
      throw new ApplianceError('model_not_found', `Model ${request} not found.`);
    }
    if (others.length > 0) throw ambiguous(request, [first, ...others]);
    return first;
  }

  #match(levels: Levels<T>, name: string): readonly T[] | undefined {
    const direct = levels.find(formsOf(name), 0, bareLevel);
    if (direct) return direct;
    // `hf.co/user/model` means `user/model`, and that `model`; but never another user's model.
    for (let rest = name; rest.includes('/'); ) {
      rest = rest.slice(rest.indexOf('/') + 1);
      const found = levels.find(formsOf(rest), 0, bareLevel - 1);
      if (found) return found;
    }
    return undefined;
  }
}

const bareLevel = 3;

function index<T extends Named>(models: Iterable<T>): { exact: Levels<T>; folded: Levels<T> } {
  const exact = new Levels<T>();
  const folded = new Levels<T>();
  for (const model of models) {
    levelsOf(model.name.normalize()).forEach((keys, level) => {
      for (const key of keys) {
        exact.add(level, key, model);
        folded.add(level, key.toLowerCase(), model);
      }
    });
  }
  return { exact, folded };
}

/** A model's own names by level: listed name, stem, short aliases, and all of them without its namespace. */
function levelsOf(name: string): string[][] {
  const slash = name.lastIndexOf('/') + 1;
  const namespace = name.slice(0, slash);
  const base = name.slice(slash);
  const stem = withoutExtension(base);
  const aliases = aliasesOf(base);
  const bare = namespace === '' ? [] : [base, stem, ...aliases];
  return [[name], [namespace + stem], aliases.map((alias) => namespace + alias), bare];
}

/** What a request may mean literally, best first. */
function formsOf(request: string): string[] {
  const untagged = request.replace(/:latest$/i, '');
  return [...new Set([request, untagged, withoutExtension(untagged)])];
}

function withoutExtension(name: string): string {
  return name.replace(/\.rkllm$/i, '') || name;
}

function ambiguous(request: string, models: readonly Named[]): ApplianceError {
  const names = models.map((model) => model.name).sort();
  const shown = names.slice(0, mostCandidates).join(', ');
  const more = names.length > mostCandidates ? ` and ${names.length - mostCandidates} more` : '';
  return new ApplianceError(
    'model_ambiguous',
    `"${request}" may mean ${shown}${more}. Name one of them.`,
  );
}

class Levels<T> {
  readonly #models = new Map<string, T[]>();

  add(level: number, key: string, model: T): void {
    const id = `${level} ${key}`;
    const list = this.#models.get(id);
    if (list === undefined) this.#models.set(id, [model]);
    else if (!list.includes(model)) list.push(model);
  }

  find(forms: readonly string[], from: number, to: number): readonly T[] | undefined {
    for (let level = from; level <= to; level++) {
      for (const form of forms) {
        const list = this.#models.get(`${level} ${form}`);
        if (list) return list;
      }
    }
    return undefined;
  }
}
