/** Reads the configuration: defaults < file < environment < command line. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCommandLine, readEnvironment } from './environment.ts';
import { defaultConfigPath, readConfigFile } from './file.ts';
import { ConfigError, type Problem, type Source } from './problem.ts';
import { type Config, settingsByName } from './settings.ts';
import { readHubToken } from './token.ts';

export interface Configuration {
  config: Config;
  /** Where each value was given, by its name in `Config`. */
  sources: ReadonlyMap<string, Source>;
  /** The file that was read; null where there is none. */
  file: string | null;
  /** What is odd, but stops nobody. */
  warnings: readonly string[];
}

/**
 * @param args the command line, without program and script
 * @throws ConfigError with everything that is wrong
 */
export function readConfiguration(
  environment: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Configuration {
  const reading = readEverything(environment, args);
  if (reading.problems.length > 0) throw new ConfigError(reading.problems);
  return reading;
}

/** What is in force, as far as it can be used, and everything that is wrong. */
export function readEverything(
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
): Configuration & { problems: readonly Problem[] } {
  const flags = readCommandLine(args);
  const variables = readEnvironment(environment);
  const named = flags.file ?? (environment['RKLLAMA_CONFIG'] || undefined);
  const path = named ?? defaultConfigPath;
  const isNamed = named !== undefined;
  // systemd names the folder to the service that it belongs to.
  const isService = environment['CONFIGURATION_DIRECTORY'] === dirname(path);
  const file = readConfigFile(path, { isNamed, isOwn: isNamed || isService });
  const given = new Map([...file.values, ...variables.values, ...flags.values]);
  const readings: { problems: readonly Problem[]; warnings: readonly string[] }[] = [
    file,
    variables,
    flags,
    openSecrets(file.values, path),
  ];

  const hubToken = given.get('hubToken');
  if (hubToken === undefined) {
    const tokenFile = given.get('hubTokenFile');
    const value = typeof tokenFile?.value === 'string' ? tokenFile.value : undefined;
    const reading = readHubToken(value, environment);
    if (reading.token) given.set('hubToken', reading.token);
    readings.push(reading);
  }
  return {
    config: complete(given),
    sources: new Map([...given].map(([name, { source }]) => [name, source])),
    file: file.found ? path : null,
    problems: readings.flatMap((reading) => reading.problems),
    warnings: readings.flatMap((reading) => reading.warnings),
  };
}

type Values = ReadonlyMap<string, { value: unknown; source: Source }>;

function complete(given: Values): Config {
  const values = Object.fromEntries(
    [...settingsByName].map(([name, { kind, fallback }]) => [
      name,
      given.get(name)?.value ?? (fallback === undefined ? undefined : kind.schema.parse(fallback)),
    ]),
  );
  // Each value went through the schema of its own setting.
  const config = values as Config;
  return { ...config, models: config.models ?? join(config.home, 'models') };
}

/** A secret in a file that everybody can read is none. */
function openSecrets(values: Values, path: string) {
  const secret = [...values.keys()].find((name) => settingsByName.get(name)?.secret);
  const key = secret === undefined ? undefined : settingsByName.get(secret)?.key;
  const isOpen = key !== undefined && (statSync(path).mode & 0o004) !== 0;
  const warning = `${path} holds ${key}, and every user of this machine can read it: sudo chmod o= ${path}`;
  return { problems: [], warnings: isOpen ? [warning] : [] };
}
