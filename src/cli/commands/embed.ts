import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { wholeNumber } from '../numbers.ts';

interface Options {
  dimensions?: number;
  lines?: boolean;
}

const shownNumbers = 6;

export function embedCommand({ out, client }: CliContext): Command {
  return new Command('embed')
    .description('Turn texts into vectors of length 1: one for each TEXT, or one for stdin.')
    .argument('<model>', 'a model on disk')
    .argument('[texts...]', 'each in quotes')
    .option('--lines', 'a vector for each line of stdin')
    .option('--dimensions <number>', 'cut the vectors to this length', wholeNumber(1))
    .action(async (model: string, texts: string[], { dimensions, lines }: Options) => {
      const { pipedText } = await import('../text-input.ts');
      const { embed } = await import('../api/embed.ts');
      const inputs = texts.length > 0 ? texts : inputsOf(await pipedText(out), lines);
      if (inputs.length === 0)
        throw new CliError('usage', 'There is no text: name one or pipe one in.');
      const embeddings = await embed(await client(), model, inputs, dimensions);
      out.answer({ model, embeddings }, () => {
        for (const vector of embeddings) out.print(vectorText(vector, out.columns));
      });
    });
}

function inputsOf(text: string, lines: boolean | undefined): string[] {
  const inputs = lines ? text.split('\n') : [text];
  return inputs.map((each) => each.trim()).filter(Boolean);
}

/** Whole for a program, the beginning for a person. */
function vectorText(vector: readonly number[], columns: number): string {
  if (!Number.isFinite(columns)) return JSON.stringify(vector);
  const beginning = vector.slice(0, shownNumbers).map((value) => value.toFixed(4));
  const rest = vector.length > shownNumbers ? ' …' : '';
  return `${vector.length} dimensions: ${beginning.join(' ')}${rest}`;
}
