import { Command } from 'commander';
import type { CliContext } from '../context.ts';

export function cpCommand({ out, client }: CliContext): Command {
  return new Command('cp')
    .description('Give a model a second name. It derives from the first and takes no room on disk.')
    .argument('<model>', 'a model on disk')
    .argument('<name>', 'the second name')
    .action(async (source: string, destination: string) => {
      const daemon = await client();
      await daemon.send('POST', '/api/copy', { source, destination });
      out.answer({ source, destination }, () => out.print(`${destination} derives from ${source}`));
    });
}
