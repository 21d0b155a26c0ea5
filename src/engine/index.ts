export { Engine, type EngineOptions } from './engine.ts';
export type { Logger } from './logger.ts';
export type * from './types.ts';
