import { Argument, Command } from 'commander';
import { completionScript, isShell, shells } from '../completion.ts';
import type { CliContext } from '../context.ts';

export function completionCommand({ out }: CliContext): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and names of models in a shell.')
    .addArgument(new Argument('<shell>', 'which').choices([...shells]))
    .addHelpText('after', examples)
    .action((shell: string) => {
      if (isShell(shell)) out.write(completionScript(shell));
    });
}

const examples = `
Examples:
  source <(rkllama completion bash)                      for this shell
  rkllama completion bash > ~/.local/share/bash-completion/completions/rkllama
  rkllama completion zsh > "\${fpath[1]}/_rkllama"
  rkllama completion fish > ~/.config/fish/completions/rkllama.fish`;
