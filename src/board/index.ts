export { availableMemory } from './memory.ts';
export { type Npu, readNpu } from './npu.ts';
