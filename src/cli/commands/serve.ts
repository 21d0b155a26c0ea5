import { Command } from 'commander';
import type { CliContext } from '../context.ts';

/** As the unit starts the daemon: an idle process stays small. */
const flags = ['--optimize-for-size', '--max-semi-space-size=1'];

export function serveCommand({ daemonScript, environment }: CliContext): Command {
  return new Command('serve')
    .description(
      'Run the daemon in the foreground, in the place of this program. It takes the flags of rkllamad: --port, --host, --config and all the others.',
    )
    .argument('[flags...]', 'of rkllamad')
    .usage('[flags of rkllamad]')
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', '\nAll flags: rkllama serve --help')
    .action((args: string[]) => {
      const { execPath } = process;
      const own = { MALLOC_ARENA_MAX: '1', ...environment };
      // Signals, exit code and systemd's notifications are the daemon's from here on.
      process.removeAllListeners('warning');
      process.execve?.(execPath, [execPath, ...flags, daemonScript, ...args], own);
    });
}
