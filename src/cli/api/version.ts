import type { Client } from '../client/client.ts';
import { CliError } from '../failure.ts';
import { daemonHealth, statusIfAllowed } from './status.ts';

interface DaemonVersion {
  /** False: nobody answers. */
  answers: boolean;
  /** Of the daemon; null where it does not tell us. */
  daemon: string | null;
  runtime: string | null;
}

/** What runs at the other end. Throws `CliError`, but not for a daemon that does not answer. */
export async function daemonVersion(client: Client): Promise<DaemonVersion> {
  try {
    const { version, runtime } = (await statusIfAllowed(client)) ?? (await daemonHealth(client));
    return { answers: true, daemon: version ?? null, runtime: runtime?.version ?? null };
  } catch (error) {
    if (!(error instanceof CliError && error.kind === 'unreachable')) throw error;
    return { answers: false, daemon: null, runtime: null };
  }
}
