/** Facts about the machine, read when they are asked for; what cannot be known says why. */

export { type Account, groupId, mayReadAndWrite, readAccount } from './accounts.ts';
export type { Clock, Clocks, CpuClock } from './clocks.ts';
export type { DeviceNode } from './devices.ts';
export type { Ownership, Reading } from './files.ts';
export { type Holders, npuHolders } from './holders.ts';
export { readOpenFileLimit } from './limits.ts';
export { availableMemory } from './memory.ts';
export { type Npu, readNpu } from './npu.ts';
export { type BoardSummary, boardSummary } from './summary.ts';
