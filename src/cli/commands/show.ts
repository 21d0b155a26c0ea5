import { Command, Option } from 'commander';
import type { CliContext } from '../context.ts';

const parts = ['modelfile', 'parameters', 'template', 'system', 'license'] as const;

export function showCommand({ out, client }: CliContext): Command {
  const command = new Command('show')
    .description('Tell what is known of MODEL, or print one part of it.')
    .argument('<model>', 'a model on disk');
  for (const part of parts) {
    const others = parts.filter((each) => each !== part);
    command.addOption(new Option(`--${part}`, `print its ${part} only`).conflicts(others));
  }
  return command.action(async (name: string, options: Record<string, boolean>) => {
    const { showModel, factsOf } = await import('../api/show.ts');
    const model = await showModel(await client(), name);
    const part = parts.find((each) => options[each]);
    if (part !== undefined)
      out.answer({ [part]: model[part] ?? '' }, () => out.print(model[part]?.trimEnd()));
    else {
      out.answer(model, () => {
        out.facts(factsOf(name, model));
        if (model.parameters) out.print(`\n${model.parameters}`);
      });
    }
  });
}
