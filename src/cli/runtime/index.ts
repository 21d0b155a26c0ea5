import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { installCommand } from './install.ts';
import { listCommand } from './list.ts';
import { useCommand } from './use.ts';

export function runtimeCommand(context: CliContext): Command {
  return new Command('runtime')
    .description("Rockchip's library librkllmrt.so: which releases are here, and which is used.")
    .addCommand(listCommand(context))
    .addCommand(installCommand(context))
    .addCommand(useCommand(context));
}
