/** The command line: from words to an exit code. */
import { CommanderError } from 'commander';
import type { CliContext } from './context.ts';
import { type CliParts, createContext } from './create-context.ts';
import { entries } from './entries.ts';
import { CliError, errorDocument, exitCodes } from './failure.ts';
import type { Terminal } from './terminal/terminal.ts';
import { commandTree } from './tree.ts';

/** Runs one command line, without program and script. Resolves with the exit code. */
export async function runCommandLine(args: readonly string[], parts: CliParts): Promise<number> {
  const context = createContext(parts);
  // Before anything is parsed: errors of the command line are JSON then, too.
  const end = args.indexOf('--');
  if (args.slice(0, end < 0 ? args.length : end).includes('--json')) context.out.useJson();
  endWithOutput(context.out);
  try {
    if (args[0] === '__complete') return await printCompletions(context, args.slice(1));
    if (args[0] === '--version' || args[0] === '-V') {
      const { ownVersion } = await import('../config/index.ts');
      context.out.print(`rkllama ${ownVersion()}`);
      return exitCodes.ok;
    }
    const tree = await commandTree(context, args);
    if (args.length === 0) {
      tree.outputHelp();
      return exitCodes.ok;
    }
    await tree.parseAsync(withHelp(args), { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    return report(error, context.out);
  }
}

/** A reader that has seen enough (`| head`) ends the program quietly, a full disk does not. */
function endWithOutput(out: Terminal): void {
  const { stdout, stderr } = out.streams;
  stderr.on('error', () => process.exit(exitCodes.closedPipe));
  stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(exitCodes.closedPipe);
    const lost = new CliError('failure', `The output cannot be written: ${error.message}.`);
    process.exit(report(lost, out));
  });
}

/** `help keys add` is `keys add --help`; a command that there is not is told, and not the list of all. */
function withHelp(args: readonly string[]): readonly string[] {
  if (args[0] !== 'help') return args;
  const words = args.slice(1).filter((word) => !word.startsWith('-'));
  const isKnown = entries.some(({ name, alias }) => words[0] === name || words[0] === alias);
  return words.length === 0 || isKnown ? [...words, '--help'] : words;
}

/** For the shells' completions: `__complete -- WORDS`, one candidate a line. */
async function printCompletions(context: CliContext, args: readonly string[]): Promise<number> {
  const { complete } = await import('./complete.ts');
  const words = args[0] === '--' ? args.slice(1) : args;
  for (const word of await complete(context, words)) context.out.print(word);
  return exitCodes.ok;
}

/** Tells a failure on stderr; returns its exit code. */
function report(error: unknown, out: Terminal): number {
  if (error instanceof CommanderError) {
    // Help and --version end a parse as errors do.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  if (error instanceof Error && error.name === 'AbortError') return exitCodes.interrupted;
  const { kind, message, hint } = error instanceof CliError ? error : unforeseen(error);
  if (out.isJson) out.note(errorDocument({ kind, message, hint }));
  else {
    out.note(`${out.noteStyle.paint('red', 'Error:')} ${message}`);
    if (hint !== undefined) out.note(hint);
  }
  return exitCodes[kind];
}

/** A defect, or an error of the operating system: its words are all there is. */
function unforeseen(error: unknown): Pick<CliError, 'kind' | 'message' | 'hint'> {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failure', message, hint: undefined };
}
