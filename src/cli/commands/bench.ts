import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { wholeNumber } from '../numbers.ts';

interface Options {
  runs: number;
  promptTokens: number;
  tokens: number;
}

export function benchCommand({ out, client }: CliContext): Command {
  return new Command('bench')
    .description(
      "Measure a model by the daemon's own timings: prefill and decode speed, and the time to the first token with a new prompt (cold) and with one that is in the KV cache (warm). The median of several runs.",
    )
    .argument('<model>', 'a model on disk')
    .option('--runs <number>', 'how many', wholeNumber(1, 100), 3)
    .option(
      '--prompt-tokens <number>',
      'length of the prompt, roughly',
      wholeNumber(16, 100_000),
      512,
    )
    .option('--tokens <number>', 'most tokens of an answer', wholeNumber(1, 100_000), 64)
    .action(async (model: string, options: Options) => {
      const { bench } = await import('../bench/bench.ts');
      const { benchLines } = await import('../bench/report.ts');
      const daemon = await client();
      const result = await bench(daemon, model, options, (step) => {
        if (!out.isJson) out.note(out.noteStyle.paint('dim', step));
      });
      out.answer(result, () => {
        for (const line of benchLines(result)) out.print(line);
      });
    });
}
