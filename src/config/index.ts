/** Reads the configuration. */
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { type Config, settings } from './settings.ts';

export type { Config } from './settings.ts';

/** A setting that cannot be used, in words with its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Empty variables count as not set. Throws ConfigError. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const values: Record<string, unknown> = {};
  for (const [key, { environment: names, schema, fallback, description }] of Object.entries(
    settings,
  )) {
    const name = names.find((each) => environment[each]?.trim());
    if (name === undefined) {
      values[key] = fallback;
      continue;
    }
    const result = z.safeParse<z.ZodType>(schema, environment[name]);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new ConfigError(
        `${name} cannot be "${environment[name]}": ${issue?.message ?? 'it is invalid'}. (${description})`,
      );
    }
    values[key] = result.data;
  }
  const config = values as Config;
  return { ...config, models: resolve(config.models ?? join(config.home, 'models')) };
}
