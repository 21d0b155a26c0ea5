export { Catalogue, type CatalogueOptions, type RemoveHooks } from './catalogue.ts';
export { compareVersions, type Machine, problemOf } from './fit.ts';
export { type Glance, glanceAtModels } from './glance.ts';
export { inspectFile } from './inspection/inspect.ts';
export type { Inspection } from './inspection/inspection.ts';
export { memoryNeed } from './memory-need.ts';
export type { Incoming, Logger, Model } from './model.ts';
export { assignmentLine } from './modelfile/amend.ts';
export { type ParsedModelfile, parseModelfile } from './modelfile/parse.ts';
export type { Modelfile } from './modelfile/settings.ts';
export { checkName } from './names.ts';
export { syncFolder, writeDurably } from './pull/durable.ts';
export {
  type BegunPull,
  type PullEvent,
  Puller,
  type PullerOptions,
  type PullOptions,
  type PullStatus,
  type SearchOptions,
  type SearchResult,
} from './pull/index.ts';
