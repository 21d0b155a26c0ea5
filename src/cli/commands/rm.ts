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
      const failures: CliError[] = [];
      for (const name of names) {
        try {
          await daemon.send('DELETE', '/api/delete', { model: name });
          deleted.push(name);
          if (!out.isJson) out.print(`Deleted ${name}`);
        } catch (error) {
          if (!(error instanceof CliError) || !isOfThisModel(error)) throw error;
          failures.push(error);
        }
      }
      const [first] = failures;
      if (!first || deleted.length > 0) out.answer({ deleted }, () => {});
      if (first) {
        const messages = failures.map(({ message }) => message).join('\n');
        throw new CliError(first.kind, messages, first.hint);
      }
    });
}

/** The others can be deleted all the same. */
function isOfThisModel({ kind }: CliError): boolean {
  return kind === 'not_found' || kind === 'failure';
}
