export { Engine, type EngineOptions } from './engine.ts';
export { FormRefusal } from './guided/index.ts';
export { parseKeepAlive } from './keep-alive.ts';
export type { Logger } from './logger.ts';
export type { PromptCapabilities } from './prompt/index.ts';
export type * from './types.ts';
