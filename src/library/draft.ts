import type { Examined, ReadyFile } from './disk/examine.ts';
import { type Machine, problemOf } from './fit.ts';
import type { Modelfile } from './modelfile/settings.ts';

/** A unit that is or derives from a model. */
export interface Draft {
  readonly name: string;
  readonly examined: Examined;
  readonly settings: Modelfile;
  /** Its own file; null when FROM leads elsewhere or nowhere. */
  readonly file: ReadyFile | null;
}

/** None for a unit without a model: it is still arriving, or holds just adapters. */
export function draftOf(examined: Examined, machine: Machine): Draft[] {
  const { unit, growing } = examined;
  const settings = examined.settings ?? {};
  const draft = { name: unit.name, examined, settings };
  const files = examined.ready.filter((file) => file.inspection.kind === 'model');
  if (settings.from === undefined) {
    const file = bestOf(files, machine);
    return file === undefined ? [] : [{ ...draft, file }];
  }
  const from = settings.from.replace(/^\.\//, '');
  const means = (name: string) => name === from || name === `${from}.rkllm`;
  const file = files.find((candidate) => means(candidate.fact.name)) ?? null;
  if (file === null && growing.some((candidate) => means(candidate.name))) return [];
  if (file === null && unit.partials.some((partial) => means(partial.finalName))) return [];
  return [{ ...draft, file }];
}

/** Of several files in one folder the first that this machine can run, by name. */
function bestOf(files: readonly ReadyFile[], machine: Machine): ReadyFile | undefined {
  return files.find((file) => problemOf(file.inspection, machine) === null) ?? files[0];
}
