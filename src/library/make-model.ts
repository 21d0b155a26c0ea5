import { resolve } from 'node:path';
import { chosenAdapter } from './adapter.ts';
import type { ReadyFile } from './disk/examine.ts';
import type { FileFact } from './disk/listing.ts';
import type { Draft } from './draft.ts';
import { type Machine, problemOf } from './fit.ts';
import { completedBy, unreadInspection } from './inspection/inspect.ts';
import type { Inspection } from './inspection/inspection.ts';
import type { Model } from './model.ts';
import { inherit } from './modelfile/inherit.ts';

/** What a model's description depends on besides its files. */
export interface Surroundings {
  /** Absolute path of the models folder. */
  readonly root: string;
  readonly machine: Machine;
  /** The SHA-256 of a file, where it is known. */
  readonly digestOf: (file: FileFact) => string | null;
}

/** A model with its own file. */
export function ownModel(draft: Draft, file: ReadyFile, around: Surroundings): Model {
  const { fact } = file;
  const { unit } = draft.examined;
  const loras = lorasOf(draft);
  const adapter = chosenAdapter(draft.settings.adapters, loras);
  const inspection: Inspection = Object.freeze({
    ...completedBy(file.inspection, draft.name),
    visionEncoder: unit.encoders[0] ?? null,
    loras,
  });
  return Object.freeze({
    name: draft.name,
    path: fact.path,
    folder: unit.folder,
    searchFolders: unit.folder === null ? [] : [unit.folder],
    sizeBytes: fact.sizeBytes,
    modifiedAt: new Date(fact.mtimeMs),
    inspection,
    modelfile: draft.settings,
    modelfilePath: unit.modelfile?.path ?? null,
    adapter: adapter.path,
    parent: null,
    problem: problemOf(inspection, around.machine) ?? adapter.problem,
    digest: around.digestOf(fact),
  });
}

/** A model that shares the file of `parent` and has settings of its own. */
export function derivedModel(draft: Draft, parent: Model): Model {
  const { folder, modelfile } = draft.examined.unit;
  const settings = inherit(parent.modelfile, draft.settings);
  const loras = [...lorasOf(draft), ...parent.inspection.loras];
  const adapter = chosenAdapter(settings.adapters, loras);
  return Object.freeze({
    ...parent,
    name: draft.name,
    folder,
    searchFolders: [...(folder === null ? [] : [folder]), ...parent.searchFolders],
    modifiedAt: new Date(modelfile?.mtimeMs ?? 0),
    inspection: Object.freeze({ ...parent.inspection, loras }),
    modelfile: settings,
    modelfilePath: modelfile?.path ?? null,
    adapter: adapter.path,
    parent: parent.name,
    problem: parent.problem ?? adapter.problem,
  });
}

function lorasOf({ examined }: Draft): string[] {
  return examined.ready
    .filter(({ inspection }) => inspection.kind === 'adapter')
    .map(({ fact }) => fact.path);
}

/** A model whose FROM leads nowhere: listed, so that its owner reads why it does not run. */
export function brokenModel(draft: Draft, root: string, problem: string): Model {
  const { folder, modelfile } = draft.examined.unit;
  const place = folder ?? root;
  return Object.freeze({
    name: draft.name,
    path: resolve(place, 'missing.rkllm'),
    folder,
    searchFolders: [place],
    sizeBytes: 0,
    modifiedAt: new Date(modelfile?.mtimeMs ?? 0),
    inspection: unreadInspection,
    modelfile: draft.settings,
    modelfilePath: modelfile?.path ?? null,
    adapter: null,
    parent: null,
    problem,
    digest: null,
  });
}
