export { Catalogue, type CatalogueOptions, type RemoveHooks } from './catalogue.ts';
export { compareVersions } from './fit.ts';
export { inspectFile } from './inspection/inspect.ts';
export type { Inspection } from './inspection/inspection.ts';
export type { Incoming, Logger, Model } from './model.ts';
export { type ParsedModelfile, parseModelfile } from './modelfile/parse.ts';
export type { Modelfile } from './modelfile/settings.ts';
export { checkName } from './names.ts';
export {
  type PullEvent,
  Puller,
  type PullerOptions,
  type PullOptions,
  type PullStatus,
} from './pull/index.ts';
