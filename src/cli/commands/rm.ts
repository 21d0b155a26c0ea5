import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';

export function rmCommand({ out, client }: CliContext): Command {
  return new Command('rm')
    .description('Delete models from disk. One that is loaded is unloaded first.')
    .argument('<models...>', 'models on disk')
    .option('-y, --yes', 'do not ask')
    .action(async (names: string[], { yes }: { yes?: boolean }) => {
      if (!yes && out.isInteractive) {
        const { confirm } = await import('../terminal/confirm.ts');
        const what = names.length === 1 ? names[0] : `${names.length} models (${names.join(', ')})`;
        if (!(await confirm(out, `Delete ${what} from disk?`))) {
          throw new CliError('failure', 'Nothing was deleted.');
        }
      }
      const daemon = await client();
      const deleted: string[] = [];
      for (const name of names) {
        await daemon.send('DELETE', '/api/delete', { body: { model: name } });
        deleted.push(name);
        if (!out.isJson) out.print(`Deleted ${name}`);
      }
      out.answer({ deleted }, () => {});
    });
}
