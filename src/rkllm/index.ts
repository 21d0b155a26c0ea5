/** node-rkllm: Rockchip's librkllmrt for Node.js, one model per worker process. */

export { type Capabilities, capabilitiesOf } from './capabilities.ts';
export { defaultCpus } from './cpus.ts';
export type { InitParams } from './init-param.ts';
export { type DiscoveryOptions, findRuntime, type RuntimeLibrary } from './library.ts';
export type { LogRecord, ModelFacts } from './log-lines.ts';
export {
  ModelProcess,
  type ModelProcessOptions,
  type Run,
  type RunEvent,
  type RunRequest,
} from './model-process.ts';
export type { Counters, Matrix } from './result.ts';
export type { RunInput, RunOptions, RunSampling } from './run-memory.ts';
