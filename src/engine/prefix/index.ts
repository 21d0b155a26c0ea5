/** Prompts that are never computed twice: what is in memory, and files that bring it back. */
export { type Beginning, beginningsOf } from './beginnings.ts';
export type { PrefixCounters } from './counters.ts';
export { PrefixKeeper } from './keeper.ts';
export type { PrefixRun } from './kv-memory.ts';
export { PrefixStore, type PrefixStoreOptions, type PrefixStoreStats } from './prefix-store.ts';
