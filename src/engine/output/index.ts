export type { OutputEvent } from './event.ts';
export { type OutputOptions, OutputPipeline } from './pipeline.ts';
export type { RepetitionOptions } from './repetition.ts';
export { type ToolFormat, toolFormatOf } from './tools/formats.ts';
