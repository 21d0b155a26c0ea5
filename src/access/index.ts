/** Who may use the appliance: API keys. */
export { type ApiKey, ApiKeys } from './api-keys.ts';
export type { Scope } from './key.ts';
