import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { durationText } from '../units.ts';

interface Options {
  keepAlive?: string;
}

export function loadCommand({ out, client }: CliContext): Command {
  return new Command('load')
    .description('Load a model into memory, so that the next question need not wait for it.')
    .argument('<model>', 'a model on disk')
    .option('--keep-alive <time>', 'how long it stays: 300 (seconds), 5m, 1h, -1 for ever')
    .action(async (name: string, { keepAlive }: Options) => {
      const { loadModel } = await import('../api/load.ts');
      const startedAt = performance.now();
      await loadModel(await client(), name, keepAlive);
      const seconds = (performance.now() - startedAt) / 1000;
      out.answer({ model: name, seconds }, () => {
        out.print(`${name} is loaded (${durationText(seconds)})`);
      });
    });
}
