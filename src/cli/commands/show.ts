import { Command, Option } from 'commander';
import type { CliContext } from '../context.ts';

const parts = ['modelfile', 'parameters', 'template', 'system', 'license'] as const;

export function showCommand({ out, client }: CliContext): Command {
  const command = new Command('show')
    .description('Tell what is known of MODEL, or print one part of it.')
    .argument('<model>', 'a model on disk');
  for (const part of parts) {
    const others = parts.filter((each) => each !== part);
    command.addOption(
      new Option(
        `--${part}`,
        `print its ${part === 'modelfile' ? 'Modelfile' : part} only`,
      ).conflicts(others),
    );
  }
  return command.action(async (name: string, options: Record<string, boolean>) => {
    const { showModel, factsOf } = await import('../api/show.ts');
    const model = await showModel(await client(), name);
    const part = parts.find((each) => options[each]);
    if (part === undefined) out.answer(model, () => out.facts(factsOf(name, model)));
    else {
      const text = model[part] ?? '';
      out.answer({ [part]: text }, () => {
        if (text.trim() === '') out.note(`${name} has no ${part} of its own.`);
        else out.print(text.trimEnd());
      });
    }
  });
}
