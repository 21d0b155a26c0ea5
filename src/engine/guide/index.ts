export { choice, literal, sequence } from './combine.ts';
export { anyObject, compileGuide } from './compile.ts';
export type { Guide, GuideState } from './guide.ts';
