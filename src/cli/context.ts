import type { Client } from './client/client.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command line accepts; filled in before a command's action runs. */
export interface GlobalOptions {
  /** Where the daemon is: `host`, `host:port` or a URL. */
  host?: string;
  apiKey?: string;
  /** One JSON document on stdout, or one per line where a command streams. */
  json?: boolean;
}

/**
 * What a command gets. A command is a function `xCommand(context: CliContext): Command`; its
 * action writes to `out`, throws `CliError` with the exit code that fits, and returns.
 */
export interface CliContext {
  readonly out: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Of the command that runs; empty until its action begins. */
  readonly options: GlobalOptions;
  /** The daemon's script, for `serve`. */
  readonly daemonScript: string;
  /** The daemon's client. Connects when it is first asked something. */
  client(): Promise<Client>;
}
