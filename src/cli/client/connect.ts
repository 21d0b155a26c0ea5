import { existsSync } from 'node:fs';
import type { GlobalOptions } from '../context.ts';
import { CliError } from '../failure.ts';
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

const whereItListens = ['server.port', 'server.home', 'server.admin_socket'];

/**
 * Where the daemon on this machine listens. What is wrong elsewhere in its configuration is
 * `config check`'s to tell; what would decide whom to ask is refused, because a default in its
 * place may be somebody else's daemon.
 */
async function readSettings(environment: NodeJS.ProcessEnv): Promise<DaemonSettings> {
  const { homeAdminSocket, readEverything } = await import('../../config/index.ts');
  const { config, problems } = readEverything(environment, []);
  const problem = problems.find(({ key }) => key === undefined || whereItListens.includes(key));
  if (problem) {
    throw new CliError(
      'usage',
      `Where the daemon listens is not known. ${problem.message}`,
      'All that is wrong: rkllama config check. To ask another daemon: --host ADDRESS',
    );
  }
  const { port, adminSocket, home } = config;
  return { port, homeSocket: homeAdminSocket(home), ...(adminSocket && { adminSocket }) };
}
