/** The configuration as `rkllama config` shows it. */
import { settingOf, unknownKey } from './file.ts';
import { ConfigError, type Problem, type Source, sourceText, withoutPassword } from './problem.ts';
import { readEverything } from './read.ts';
import { settingsByName } from './settings.ts';

export interface ShownSetting {
  key: string;
  title: string;
  /** A secret that is set is `(set, not shown)`, a password in an address left out. Null: not set. */
  value: unknown;
  source: Source;
  /** `default`, `/etc/rkllamad/config.toml:12`, `RKLLAMA_PORT`, `--port`. */
  where: string;
}

export interface ShownConfig {
  /** The file that was read; null where there is none. */
  file: string | null;
  settings: readonly ShownSetting[];
  problems: readonly Problem[];
  warnings: readonly string[];
}

/** Everything that is in force, and everything that is wrong; a value that is wrong is left out. */
export function showConfig(
  environment: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): ShownConfig {
  const { config, sources, file, problems, warnings } = readEverything(environment, args);
  const values = new Map<string, unknown>(Object.entries(config));
  const settings = [...settingsByName].map(([name, { key, title, secret }]) => {
    const source = sources.get(name) ?? { kind: 'default' };
    const value = values.get(name) ?? null;
    return { key, title, value: shown(value, secret === true), source, where: sourceText(source) };
  });
  return { file, settings, problems, warnings };
}

function shown(value: unknown, isSecret: boolean): unknown {
  if (isSecret && value !== null) return '(set, not shown)';
  return typeof value === 'string' ? withoutPassword(value) : value;
}

/** What is wrong in a file and in the environment it would be read in. */
export function checkConfig(
  environment: NodeJS.ProcessEnv,
  path?: string,
): Pick<ShownConfig, 'file' | 'problems' | 'warnings'> {
  const args = path === undefined ? [] : ['--config', path];
  const { file, problems, warnings } = readEverything(environment, args);
  return { file, problems, warnings };
}

export interface Explanation {
  key: string;
  title: string;
  description: string;
  /** "a whole number from 0 to 65535" */
  expects: string;
  /** Null where there is none. */
  fallback: unknown;
  example: unknown;
  environment: readonly string[];
  flag: string | null;
  reload: 'live' | 'restart';
  secret: boolean;
}

/** @throws ConfigError for a key that there is not, with the one that was probably meant */
export function explainSetting(key: string): Explanation {
  const [, setting] = settingOf(key) ?? [];
  if (!setting) throw new ConfigError(unknownKey(key));
  const { title, description, kind, environment, flag, reload, secret } = setting;
  return {
    key,
    title,
    description,
    expects: kind.expects,
    fallback: setting.fallback ?? null,
    example: setting.example ?? null,
    environment,
    flag,
    reload,
    secret: secret ?? false,
  };
}
