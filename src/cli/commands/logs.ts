import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { wholeNumber } from '../numbers.ts';

interface Options {
  follow?: boolean;
  lines: number;
  since?: string;
}

export function logsCommand(_context: CliContext): Command {
  return new Command('logs')
    .description("Show the end of the daemon's log, from the journal of systemd.")
    .option('-f, --follow', 'show what is logged from now on, too')
    .option('-n, --lines <number>', 'how many lines', wholeNumber(0), 100)
    .option('--since <time>', 'from then on: "10 min ago", today, 2026-01-31')
    .action(async ({ follow, lines, since }: Options) => {
      const { runProgram } = await import('../run-program.ts');
      const code = await runProgram('journalctl', [
        '--unit=rkllamad',
        '--no-hostname',
        ...(since === undefined ? [`--lines=${lines}`] : [`--since=${since}`]),
        ...(follow ? ['--follow'] : []),
      ]);
      if (code === null) {
        throw new CliError(
          'failure',
          'There is no journalctl here: the log is where the daemon was started.',
        );
      }
      process.exitCode = code;
    });
}
