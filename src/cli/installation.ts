/** Where the appliance of this machine keeps what is its own, seen by whoever runs `rkllama`. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Account, readAccount } from '../board/index.ts';
import { type Config, ConfigError, type Problem, readConfiguration } from '../config/index.ts';

/** Variables of the service (systemd/rkllamad.service). */
const environmentFile = '/etc/default/rkllamad';
/** The user that the package's service runs as. */
const serviceUser = 'rkllama';

export interface Installation {
  /** The variables of this shell, and below them the service's. */
  environment: NodeJS.ProcessEnv;
  /** What the configuration says; the defaults where it cannot be used. */
  config: Config;
  problems: readonly Problem[];
  warnings: readonly string[];
  /** The configuration file that was read; null where there is none. */
  file: string | null;
  /** The service's user; null where the package is not installed. */
  account: Account | null;
  /** Folders of the appliance and of its models. */
  home: string;
  models: string;
  keysFile: string;
}

/**
 * The daemon's home folder is its own user's, unless the configuration names another: root and
 * everybody else have to look there, and not in their own.
 * @param root where `/etc/passwd` is; a folder of fixtures in tests
 */
export async function readInstallation(
  shell: NodeJS.ProcessEnv,
  root = '/',
): Promise<Installation> {
  const account = await readAccount(serviceUser, root);
  const environment = account ? { ...(await serviceVariables(root)), ...shell } : shell;
  const { problems, ...configuration } = readLeniently(environment);
  const { config, sources, warnings, file } = configuration;
  const isElsewhere = account !== null && account.home !== homedir() && !sources.has('home');
  const home = isElsewhere ? join(account.home, 'RKLLAMA') : config.home;
  return {
    environment,
    config,
    problems,
    warnings,
    file,
    account,
    home,
    models: sources.has('models') ? config.models : join(home, 'models'),
    keysFile: config.keysFile ?? join(home, 'keys.json'),
  };
}

/** None where the file is missing or kept from this user. */
async function serviceVariables(root: string): Promise<NodeJS.ProcessEnv> {
  return readFile(join(root, environmentFile), 'utf8').then(parseEnv, () => ({}));
}

function readLeniently(environment: NodeJS.ProcessEnv) {
  try {
    return { ...readConfiguration(environment), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const defaults = readConfiguration({ RKLLAMA_CONFIG: '/dev/null' });
    return { ...defaults, file: null, problems: error.problems };
  }
}
