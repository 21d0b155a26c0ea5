import { Command } from 'commander';
import type { FoundModel } from '../api/search.ts';
import type { CliContext } from '../context.ts';
import { wholeNumber } from '../numbers.ts';
import { sizeText } from '../units.ts';

interface Options {
  limit?: number;
  all?: boolean;
}

export function searchCommand({ out, client }: CliContext): Command {
  return new Command('search')
    .description('Search the hub for models that run on this board, most downloaded first.')
    .argument('[words...]', 'what the name has in it: qwen, "gemma 3"')
    .option('--limit <number>', 'repositories to look into', wholeNumber(1, 100), 20)
    .option('--all', 'show what does not fit this board, too, and why')
    .addHelpText('after', '\nExample:\n  rkllama search qwen3')
    .action(async (words: string[], { limit, all }: Options) => {
      const { searchModels } = await import('../api/search.ts');
      const query = words.join(' ');
      const results = await searchModels(await client(), query, { limit, all });
      out.answer({ results }, () => {
        if (results.length === 0) {
          out.note(`Nothing was found${all ? '' : ' that fits this board; --all shows the rest'}.`);
          return;
        }
        out.table(all ? [...columns, misfitColumn] : columns, results);
        out.note(`Download one: rkllama pull ${results[0]?.reference}`);
      });
    });
}

const columns = [
  { title: 'MODEL', value: ({ reference }: FoundModel) => reference },
  {
    title: 'SIZE',
    value: ({ size_bytes }: FoundModel) => (size_bytes === null ? '-' : sizeText(size_bytes)),
    align: 'right' as const,
  },
  { title: 'FOR', value: ({ platform }: FoundModel) => platform ?? '-' },
  {
    title: 'DOWNLOADS',
    value: ({ downloads }: FoundModel) => String(downloads),
    align: 'right' as const,
  },
  { title: 'GATED', value: ({ gated }: FoundModel) => (gated ? 'yes' : 'no') },
];

const misfitColumn = { title: 'DOES NOT FIT', value: ({ misfit }: FoundModel) => misfit ?? '-' };
