import { Command } from 'commander';
import type { ModelOnDisk } from '../api/models.ts';
import type { CliContext } from '../context.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { relativeTime, sizeText } from '../units.ts';

export function listCommand({ out, client }: CliContext): Command {
  return new Command('list')
    .description('List the models on disk, those whose name contains FILTER.')
    .argument('[filter]', 'part of a name')
    .action(async (filter = '') => {
      const { modelsOnDisk } = await import('../api/models.ts');
      const models = (await modelsOnDisk(await client())).filter(({ name }) =>
        name.toLowerCase().includes(filter.toLowerCase()),
      );
      out.answer({ models }, () => {
        if (models.length > 0) tell(out, models);
        else if (filter) out.note(`No model on disk has "${filter}" in its name.`);
        else out.note('There are no models yet. Find one: rkllama search qwen');
      });
    });
}

function tell(out: Terminal, models: readonly ModelOnDisk[]): void {
  const [bad, ...more] = models.filter(({ problem }) => problem !== undefined);
  if (bad === undefined) {
    out.table(columns, models);
    return;
  }
  const note = ({ problem }: ModelOnDisk) => (problem === undefined ? '' : 'cannot be loaded');
  out.table([...columns, { title: 'NOTE', value: note }], models);
  const which = more.length === 0 ? 'it' : 'one';
  out.note(`Why ${which} cannot be loaded: rkllama show ${bad.name}`);
}

const columns = [
  { title: 'NAME', value: ({ name }: ModelOnDisk) => name, shrinks: true },
  { title: 'SIZE', value: ({ size }: ModelOnDisk) => sizeText(size), align: 'right' as const },
  {
    title: 'PARAMETERS',
    value: ({ details }: ModelOnDisk) => details.parameter_size || '-',
    isExtra: true,
  },
  {
    title: 'QUANTIZATION',
    value: ({ details }: ModelOnDisk) => details.quantization_level || '-',
    isExtra: true,
  },
  { title: 'MODIFIED', value: (model: ModelOnDisk) => relativeTime(new Date(model.modified_at)) },
];
