import type { CliContext, GlobalOptions } from './context.ts';
import { type Streams, Terminal } from './terminal/terminal.ts';

/** What the program that runs a command line gives it. */
export interface CliParts {
  streams: Streams;
  environment: NodeJS.ProcessEnv;
  /** The daemon's script, for `serve`. */
  daemonScript: string;
}

export function createContext({ streams, environment, daemonScript }: CliParts): CliContext {
  const options: GlobalOptions = {};
  let client: ReturnType<CliContext['client']> | undefined;
  return {
    out: new Terminal(streams, environment),
    environment,
    daemonScript,
    options,
    client: () => {
      client ??= import('./client/connect.ts').then(({ connect }) => connect(options, environment));
      return client;
    },
  };
}
