export type { RunCosts } from './costs.ts';
export { FormRefusal } from './form-refusal.ts';
export { Guides } from './guides.ts';
