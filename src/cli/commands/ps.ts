import { Command } from 'commander';
import type { LoadedModel } from '../api/models.ts';
import type { CliContext } from '../context.ts';
import { prefixText } from '../prefix-text.ts';
import { relativeTime, sizeText } from '../units.ts';

export function psCommand({ out, client }: CliContext): Command {
  return new Command('ps')
    .description('List the models in memory: their size, context, state, and until when they stay.')
    .action(async () => {
      const { loadedModels } = await import('../api/models.ts');
      const { statusIfAllowed } = await import('../api/status.ts');
      const daemon = await client();
      const models = await loadedModels(daemon);
      const prefixStore = (await statusIfAllowed(daemon))?.prefix_store ?? null;
      out.answer({ models, prefix_store: prefixStore }, () => {
        if (models.length === 0) out.note('No model is loaded. The first question loads one.');
        else out.table(columns, models);
        if (models.length > 0 && prefixStore) out.note(`Prompt cache: ${prefixText(prefixStore)}`);
      });
    });
}

const columns = [
  { title: 'NAME', value: ({ name }: LoadedModel) => name, shrinks: true },
  { title: 'SIZE', value: ({ size }: LoadedModel) => sizeText(size), align: 'right' as const },
  {
    title: 'CONTEXT',
    value: (model: LoadedModel) => String(model.context_length ?? '-'),
    align: 'right' as const,
    isExtra: true,
  },
  { title: 'STATE', value: ({ state }: LoadedModel) => state },
  {
    title: 'LOADED',
    value: (model: LoadedModel) => relativeTime(new Date(model.loaded_at)),
    isExtra: true,
  },
  {
    title: 'UNTIL',
    value: ({ expires_at, state }: LoadedModel) => {
      if (state === 'busy') return 'after its answer';
      return expires_at === null ? 'unloaded' : relativeTime(new Date(expires_at));
    },
  },
];
