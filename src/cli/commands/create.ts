import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';

interface Options {
  file: string;
}

export function createCommand({ out, client }: CliContext): Command {
  return new Command('create')
    .description('Make a model NAME out of a Modelfile: another model with settings of its own.')
    .argument('<name>', 'of the new model')
    .option('-f, --file <path>', 'the Modelfile; - reads it from stdin', 'Modelfile')
    .addHelpText('after', example)
    .action(async (name: string, { file }: Options) => {
      const { readTextFile } = await import('../text-input.ts');
      const { createModel } = await import('../api/create.ts');
      const modelfile = await readTextFile(file, out.streams.stdin, howToGive);
      if (modelfile.trim() === '') {
        throw new CliError('failure', 'The Modelfile is empty.', 'It needs at least: FROM MODEL');
      }
      const warnings = await createModel(await client(), name, modelfile);
      for (const warning of warnings) out.warn(warning);
      out.answer({ model: name, warnings }, () => out.print(`Created ${name}`));
    });
}

const howToGive = 'Name the Modelfile with -f FILE, or pipe it in with -f -';

const example = `
Example:
  printf 'FROM qwen3-1.7b\\nSYSTEM You speak like a pirate.\\n' | rkllama create pirate -f -`;
