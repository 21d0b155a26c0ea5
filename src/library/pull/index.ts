export type { PullLog } from './context.ts';
export type { PullEvent, PullState, PullStatus } from './events.ts';
export { type BegunPull, Puller, type PullerOptions, type PullOptions } from './puller.ts';
export type { SearchOptions, SearchResult } from './search.ts';
export { readSidecar, type Sidecar } from './sidecar.ts';
export type { Tuning } from './tuning.ts';
