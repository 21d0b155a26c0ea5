import { existsSync } from 'node:fs';
import type { GlobalOptions } from '../context.ts';
import { addressOf, type DaemonSettings, defaultSocket } from './address.ts';
import { Client } from './client.ts';

/** The client for this command line and environment. Throws `CliError` for an address that is none. */
export async function connect(
  options: GlobalOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Client> {
  const apiKey = options.apiKey ?? (environment['RKLLAMA_API_KEY']?.trim() || undefined);
  const settings = needsSettings(options, environment) ? await readSettings(environment) : {};
  return new Client(addressOf(options, environment, settings), apiKey);
}

/** Reading the configuration takes longer than most answers. */
function needsSettings({ host }: GlobalOptions, environment: NodeJS.ProcessEnv): boolean {
  if (host !== undefined) return false;
  return environment['RKLLAMA_CONFIG'] !== undefined || !existsSync(defaultSocket);
}

/** Where the daemon on this machine listens. A broken configuration is `config check`'s to tell. */
async function readSettings(environment: NodeJS.ProcessEnv): Promise<DaemonSettings> {
  const { ConfigError, homeAdminSocket, readConfig } = await import('../../config/index.ts');
  try {
    const { port, adminSocket, home } = readConfig(environment);
    return { port, homeSocket: homeAdminSocket(home), ...(adminSocket && { adminSocket }) };
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
}
