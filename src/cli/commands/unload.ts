import { Command } from 'commander';
import type { Client } from '../client/client.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';

export function unloadCommand({ out, client }: CliContext): Command {
  return new Command('unload')
    .description('Unload models from memory. What they generate ends at once.')
    .argument('[models...]', 'loaded models')
    .option('-a, --all', 'all that are loaded')
    .action(async (names: string[], { all }: { all?: boolean }) => {
      if (all ? names.length > 0 : names.length === 0) {
        throw new CliError('usage', 'Name the models to unload, or all of them with --all.');
      }
      const daemon = await client();
      if (all) {
        const { loadedModels } = await import('../api/models.ts');
        const { unloadAll } = await import('../api/load.ts');
        const loaded = (await loadedModels(daemon)).map(({ name }) => name);
        await unloadAll(daemon);
        out.answer({ unloaded: loaded }, () => {
          out.print(loaded.length > 0 ? `Unloaded ${loaded.join(', ')}` : 'No model is loaded.');
        });
        return;
      }
      for (const name of names) {
        await unload(daemon, name);
        if (!out.isJson) out.print(`Unloaded ${name}`);
      }
      out.answer({ unloaded: names }, () => {});
    });
}

async function unload(daemon: Client, name: string): Promise<void> {
  const { unloadModel } = await import('../api/load.ts');
  try {
    await unloadModel(daemon, name);
  } catch (error) {
    // That nothing is loaded is no news about a model that there is not.
    const { showModel } = await import('../api/show.ts');
    await showModel(daemon, name);
    throw error;
  }
}
