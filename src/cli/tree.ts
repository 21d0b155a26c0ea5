import { Command, type Option } from 'commander';
import type { CliContext, GlobalOptions } from './context.ts';
import { entries, thisProgram } from './entries.ts';
import { errorDocument } from './failure.ts';
import { addOptions, sharedOptionsHeading } from './options.ts';

/**
 * The command tree. Commands that `wanted` does not name are there by name and summary only.
 * @param wanted words of the command line; left out: everything is loaded
 */
export async function commandTree(
  context: CliContext,
  wanted?: readonly string[],
): Promise<Command> {
  const root = rootCommand(context);
  for (const entry of entries) {
    const { name, alias, group, summary, options } = entry;
    const isWanted = !wanted || wanted.includes(name) || (alias && wanted.includes(alias));
    const command = isWanted ? await entry.load(context) : new Command(name);
    if (alias !== undefined) command.alias(alias);
    command.summary(summary).helpGroup(group);
    root.addCommand(command);
    inherit(command, root, context.out.isJson);
    if (entry.ownHelp) command.helpOption(false);
    addOptions(command, options);
  }
  return root;
}

function rootCommand(context: CliContext): Command {
  const root = new Command('rkllama')
    .description('Language models on the NPU of this board.')
    .usage('[options] COMMAND')
    .enablePositionalOptions()
    .addHelpCommand(
      new Command('help')
        .argument('[command]')
        .description('Tell how a command is used')
        .helpGroup(thisProgram),
    )
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', '),
      optionTerm: ({ flags }) => flags,
      groupItems: sharedOptionsLast,
    })
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.out.note(text.trimEnd()),
      outputError: (text, write) => write(usageError(text, context.out)),
    })
    .hook('preAction', (_root, action) => {
      const { host, apiKey, json } = action.optsWithGlobals<GlobalOptions>();
      Object.assign(context.options, { host, apiKey, json });
    });
  if (!context.out.isJson) root.showHelpAfterError('All commands: rkllama --help');
  addOptions(root, 'client');
  // index.ts answers it: reading the version takes longer than everything else here.
  return root.option('-V, --version', 'print the version of this program');
}

/** A command's own options stand before those that all have. */
function sharedOptionsLast<T extends Command | Option>(
  _all: T[],
  visible: T[],
  groupOf: (item: T) => string,
): Map<string, T[]> {
  const groups = Map.groupBy(visible, groupOf);
  const shared = groups.get(sharedOptionsHeading);
  if (shared && groups.delete(sharedOptionsHeading)) groups.set(sharedOptionsHeading, shared);
  return groups;
}

/** Commander's words for a wrong command line, in the form of all our errors. */
function usageError(text: string, out: CliContext['out']): string {
  const message = text
    .trim()
    .replace(/^error: /, '')
    .replace(/^command-argument value '(.*)' is invalid for argument '(.*)'\./, "'$1' is no $2.")
    .replace(/\n/g, ' ');
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  if (out.isJson) return errorDocument({ kind: 'usage', message: sentence });
  return `${out.noteStyle.paint('red', 'Error:')} ${sentence}`;
}

function inherit(command: Command, parent: Command, isJson: boolean): void {
  const path = [parent.parent?.name(), parent.name(), command.name()].filter(Boolean).join(' ');
  command.copyInheritedSettings(parent).helpCommand(false);
  if (!isJson) command.showHelpAfterError(`How it is used: ${path} --help`);
  for (const child of command.commands) inherit(child, command, isJson);
}
