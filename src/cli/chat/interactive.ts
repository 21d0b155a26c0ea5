import type { RunOptions } from '../commands/run.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { askAndShow } from './answer.ts';
import type { Conversation } from './conversation.ts';
import { historyPath, InputHistory } from './history.ts';
import { InputLines } from './input-lines.ts';
import { LineEditor } from './line-editor.ts';
import { type ChatState, isSlashCommand, runSlashCommand, slashWords } from './slash-commands.ts';
import { speedLine } from './speed-line.ts';

const prompt = '>>> ';
const continuation = '... ';

/** A chat at the terminal, until somebody leaves. A model that cannot be loaded ends it at once. */
export async function interactiveChat(
  { out, client, environment }: CliContext,
  conversation: Conversation,
  options: Pick<RunOptions, 'verbose' | 'history'>,
): Promise<void> {
  const daemon = await client();
  await loadFirst(out, daemon, conversation);
  const state: ChatState = {
    out,
    client: daemon,
    conversation,
    isVerbose: options.verbose === true,
    isStreamed: true,
  };
  const history = new InputHistory(options.history ? historyPath(environment) : undefined);
  const editor = new LineEditor(out, {
    history: history.load(),
    words: slashWords,
    isDumb: environment['TERM'] === 'dumb',
  });
  try {
    await converse(state, editor, history);
  } finally {
    editor.close();
  }
}

async function loadFirst(out: Terminal, client: ChatState['client'], conversation: Conversation) {
  const { loadModel } = await import('../api/load.ts');
  const { keepAlive } = conversation;
  const bar = out.canRedraw ? new ProgressBar(out) : undefined;
  bar?.say(`loading ${conversation.model} …`);
  try {
    await loadModel(
      client,
      conversation.model,
      keepAlive === undefined ? undefined : `${keepAlive}`,
    );
  } finally {
    bar?.clear();
  }
  out.note(out.noteStyle.paint('dim', '/help tells what this chat knows; Ctrl-D ends it'));
}

async function converse(state: ChatState, editor: LineEditor, history: InputHistory) {
  const lines = new InputLines();
  for (;;) {
    const input = await editor.read(lines.isOpen ? continuation : prompt);
    if (input.type === 'end') {
      state.out.print();
      return;
    }
    if (input.type === 'interrupt') {
      if (!lines.isOpen) return;
      lines.clear();
      continue;
    }
    history.add(input.text);
    const message = lines.add(input.text, input.goesOn);
    if (message === undefined || message.trim() === '') continue;
    if ((await respond(state, editor, message)) === 'end') return;
  }
}

/** What fails is told, and the chat goes on. Ctrl-C stops it. */
async function respond(state: ChatState, editor: LineEditor, message: string) {
  const { out } = state;
  const stopped = new AbortController();
  editor.onInterrupt = () => stopped.abort();
  try {
    if (isSlashCommand(message)) return await runSlashCommand(state, message, stopped.signal);
    await answer(state, message, stopped.signal);
  } catch (error) {
    if (stopped.signal.aborted) tellStopped(out);
    else if (!(error instanceof CliError)) throw error;
    else {
      out.note(`${out.noteStyle.paint('red', 'Error:')} ${error.message}`);
      if (error.hint !== undefined) out.note(error.hint);
    }
  } finally {
    editor.onInterrupt = undefined;
  }
  return undefined;
}

async function answer(state: ChatState, question: string, signal: AbortSignal): Promise<void> {
  const { out, client, conversation, isStreamed, isVerbose } = state;
  const request = conversation.request(question);
  const given = await askAndShow(out, client, request, signal, isStreamed);
  if (!isStreamed) out.print(given.text);
  // Half an answer is part of what was said: "go on" needs it.
  if (given.ending || given.text !== '') conversation.add(question, given.text);
  const { ending } = given;
  if (!ending) tellStopped(out);
  else if (isVerbose) out.note(out.noteStyle.paint('dim', speedLine(ending)));
  out.print();
}

function tellStopped(out: Terminal): void {
  out.note(out.noteStyle.paint('dim', 'stopped'));
}
