/** node-rkllm: Rockchip's librkllmrt for Node.js, one model per worker process. */

export { type Capabilities, capabilitiesOf } from './capabilities.ts';
export { Channel } from './channel.ts';
export { defaultCpus } from './cpus.ts';
export type { InitParams } from './init-param.ts';
export {
  bannerIn,
  type DiscoveryOptions,
  findRuntime,
  type LibraryBanner,
  type RuntimeLibrary,
} from './library.ts';
export type { LogRecord, ModelFacts } from './log-lines.ts';
export { ModelProcess, type ModelProcessOptions } from './model-process.ts';
export type { Counters, Matrix } from './result.ts';
export type { Run, RunEvent, RunRequest } from './run.ts';
export type { RunInput, RunOptions, RunSampling } from './run-memory.ts';
export {
  installedRuntime,
  libraryName,
  readSelection,
  runtimesIn,
  type Selection,
  selectionFile,
  selectionText,
} from './selection.ts';
export { isRuntimeVersion, type RuntimeVersion, runtimeVersions } from './versions.ts';
