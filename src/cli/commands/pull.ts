import { Command } from 'commander';
import type { CliContext } from '../context.ts';

interface Options {
  name?: string;
  revision?: string;
}

export function pullCommand({ out, client }: CliContext): Command {
  return new Command('pull')
    .description(
      'Download a model to the board. An interrupted download goes on where it was; the daemon keeps downloading when this program ends.',
    )
    .argument(
      '<model>',
      'user/repo/file.rkllm, user/repo, or an address on Hugging Face or ModelScope',
    )
    .option('--name <name>', 'what the model is called on the board')
    .option('--revision <revision>', 'branch, tag or commit of the repository')
    .action(async (reference: string, { name, revision }: Options) => {
      const { followPull } = await import('../pull/follow.ts');
      const request = { reference, ...(name && { name }), ...(revision && { revision }) };
      await followPull(out, await client(), request);
    });
}
