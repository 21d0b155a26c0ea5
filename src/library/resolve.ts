import { isAbsolute, resolve } from 'node:path';
import { ApplianceError } from '../errors.ts';
import type { Examined, ReadyFile } from './disk/examine.ts';
import { type Draft, draftOf } from './draft.ts';
import { brokenModel, derivedModel, ownModel, type Surroundings } from './make-model.ts';
import type { Model } from './model.ts';
import { NameIndex } from './names.ts';
import { isInside } from './paths.ts';

/** Models of the last time, so that one that is no other than before stays the same object. */
export class KnownModels {
  /** Those with their own file, by what was found, with what else they depend on. */
  readonly own = new WeakMap<Examined, { around: string; model: Model }>();
  /** Those that are made of others, by name. */
  readonly derived = new Map<string, Model>();
}

const longestDescent = 16;

/** Follows FROM from model to model. */
export class Resolver {
  readonly #around: Surroundings;
  readonly #drafts: readonly Draft[];
  readonly #byName: NameIndex<Draft>;
  readonly #known: KnownModels;
  readonly #byPath = new Map<string, Draft>();
  readonly #done = new Map<Draft, Model>();

  constructor(found: readonly Examined[], around: Surroundings, known: KnownModels) {
    this.#around = around;
    this.#known = known;
    this.#drafts = found.flatMap((examined) => draftOf(examined, around.machine));
    this.#byName = new NameIndex(this.#drafts);
    for (const draft of this.#drafts) {
      if (draft.file) this.#byPath.set(draft.file.fact.path, draft);
    }
  }

  models(): Model[] {
    const models = this.#drafts.map((draft) => this.#resolve(draft));
    const names = new Set(models.map((model) => model.name));
    for (const name of this.#known.derived.keys()) {
      if (!names.has(name)) this.#known.derived.delete(name);
    }
    return models;
  }

  #resolve(draft: Draft): Model {
    const done = this.#done.get(draft);
    if (done) return done;
    const model = draft.file
      ? this.#own(draft, draft.file)
      : this.#unlessKnown(this.#derived(draft));
    this.#done.set(draft, model);
    return model;
  }

  #own(draft: Draft, file: ReadyFile): Model {
    const { machine, digestOf } = this.#around;
    const around = [machine.platform, machine.runtimeVersion, digestOf(file.fact)].join();
    const known = this.#known.own.get(draft.examined);
    if (known?.around === around) return known.model;
    const model = ownModel(draft, file, this.#around);
    this.#known.own.set(draft.examined, { around, model });
    return model;
  }

  #derived(draft: Draft): Model {
    const base = this.#soundBaseOf(draft);
    if (typeof base === 'string') return brokenModel(draft, this.#around.root, base);
    return derivedModel(draft, this.#resolve(base));
  }

  /** The base of a draft from which FROM leads on to a file in the end; words when it does not. */
  #soundBaseOf(draft: Draft): Draft | string {
    const trail = [draft];
    const first = this.#baseOf(draft);
    for (let base = first; ; base = this.#baseOf(base)) {
      if (typeof base === 'string') return base;
      if (base.file) return first;
      if (trail.includes(base)) return `Its FROM leads in a circle: ${circle(trail, base)}.`;
      if (trail.length > longestDescent) {
        return `It derives from more than ${longestDescent} models in a row.`;
      }
      trail.push(base);
    }
  }

  /** The draft that FROM names, by file or by name; words when there is none. */
  #baseOf(draft: Draft): Draft | string {
    const from = draft.settings.from ?? '';
    const { root } = this.#around;
    const places = [draft.examined.unit.folder ?? root, root].map((folder) =>
      resolve(folder, from),
    );
    for (const path of places) {
      const base = isInside(root, path) ? this.#byPath.get(path) : undefined;
      if (base) return base;
    }
    if (isAbsolute(from) || from.startsWith('.')) {
      return `The Modelfile of ${draft.name} says FROM ${from}, and there is no such model file in the models folder.`;
    }
    try {
      return this.#byName.find(from);
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
      if (error.code === 'model_ambiguous') {
        return `The Modelfile of ${draft.name} says FROM ${from}, which is ambiguous: ${error.message}`;
      }
    }
    return `The Modelfile of ${draft.name} says FROM ${from}, which is neither a file in its folder nor a model.`;
  }

  #unlessKnown(model: Model): Model {
    const known = this.#known.derived.get(model.name);
    if (known && JSON.stringify(known) === JSON.stringify(model)) return known;
    this.#known.derived.set(model.name, model);
    return model;
  }
}

function circle(trail: readonly Draft[], base: Draft): string {
  return [...trail, base].map((draft) => draft.name).join(' from ');
}
