/** What the shells ask for: the words that fit at the end of a command line. */
import type { Command, Option } from 'commander';
import type { CliContext } from './context.ts';
import { commandTree } from './tree.ts';

/** Patience for the daemon while somebody waits for Tab. */
const daemonMs = 1500;

/** Commands whose arguments are models that need not be there. */
const strangers = ['pull'];

/**
 * The words that fit at the end of a command line.
 * @param words after `rkllama`, the last one perhaps empty or half written
 */
export async function complete(context: CliContext, words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? '';
  // What help takes stands where a command would.
  const before = words.slice(words[0] === 'help' ? 1 : 0, -1);
  const position = walk(await commandTree(context, before), before);
  Object.assign(context.options, position.values);
  const candidates = await candidatesFor(context, position, current);
  return candidates.filter((each) => each.startsWith(current));
}

interface Position {
  command: Command;
  /** How many arguments of it there are already. */
  operands: number;
  /** An option that waits for its value. */
  pending: Option | undefined;
  /** Options with values so far: which daemon is asked for names. */
  values: Record<string, string>;
}

function walk(root: Command, words: readonly string[]): Position {
  const position: Position = { command: root, operands: 0, pending: undefined, values: {} };
  for (const word of words) {
    if (position.pending) {
      position.values[position.pending.attributeName()] = word;
      position.pending = undefined;
    } else if (word.startsWith('-')) {
      const option = position.command.options.find(
        ({ long, short }) => word === long || word === short,
      );
      if (option?.required) position.pending = option;
    } else {
      const child = childOf(position.command, word);
      if (child) position.command = child;
      else position.operands += 1;
    }
  }
  return position;
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

async function candidatesFor(
  context: CliContext,
  { command, operands, pending }: Position,
  current: string,
): Promise<string[]> {
  if (pending) return pending.argChoices ? [...pending.argChoices] : [];
  if (current.startsWith('-')) {
    const visible = command.options.filter(({ hidden }) => !hidden);
    return [...visible.flatMap(({ long }) => long ?? []), '--help'];
  }
  if (command.commands.length > 0) {
    const names = command.commands.map((each) => each.name());
    return command.parent ? names : [...names, 'help'];
  }
  const argument =
    command.registeredArguments[operands] ??
    command.registeredArguments.findLast(({ variadic }) => variadic);
  if (!argument) return [];
  if (argument.argChoices) return [...argument.argChoices];
  const takesModel = /^models?$/.test(argument.name()) && !strangers.includes(command.name());
  return takesModel ? modelNames(context, command.name() === 'unload' ? 'loaded' : 'disk') : [];
}

/** Names that the daemon knows; none where it does not answer at once. */
async function modelNames({ client }: CliContext, source: 'disk' | 'loaded'): Promise<string[]> {
  const { loadedModels, modelsOnDisk } = await import('./api/models.ts');
  const ask = async () => {
    const daemon = await client();
    const models = await (source === 'disk' ? modelsOnDisk(daemon) : loadedModels(daemon));
    return models.map(({ name }) => name);
  };
  const patience = new Promise<string[]>((resolve) => {
    setTimeout(() => resolve([]), daemonMs).unref();
  });
  return Promise.race([ask().catch(() => []), patience]);
}
