import { keepAliveOf } from '../api/load.ts';
import type { RunOptions } from '../commands/run.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { pipedText, readTextFile } from '../text-input.ts';
import { askAndShow } from './answer.ts';
import { Conversation } from './conversation.ts';
import { speedLine } from './speed-line.ts';
import { parameterOf, thinkOf } from './values.ts';

/** One question, or a chat when there is none. Throws `CliError`. */
export async function run(
  context: CliContext,
  model: string,
  prompt: string,
  options: RunOptions,
): Promise<void> {
  const { stdin, stdout } = context.out.streams;
  const conversation = await conversationOf(model, options, stdin);
  const piped = await pipedText(context.out);
  const question = [prompt, piped.trimEnd()].filter(Boolean).join('\n\n');
  if (question !== '') await once(context, conversation, question, options.verbose === true);
  else if (!stdin.isTTY || !stdout.isTTY || context.out.isJson) {
    throw new CliError('usage', 'There is no question: name one, or pipe one in.');
  } else {
    const { interactiveChat } = await import('./interactive.ts');
    await interactiveChat(context, conversation, options);
  }
}

async function conversationOf(
  model: string,
  options: RunOptions,
  stdin: NodeJS.ReadStream,
): Promise<Conversation> {
  const { system, think, format, keepAlive, option = [] } = options;
  const conversation = new Conversation(model);
  conversation.system = system;
  conversation.think = think === undefined ? undefined : questionIsNoLevel(think);
  conversation.format = format === undefined ? undefined : await formatOf(format, stdin);
  conversation.keepAlive = keepAlive === undefined ? undefined : keepAliveOf(keepAlive);
  for (const [name, value] of option) conversation.parameters.set(name, parameterOf(name, value));
  return conversation;
}

/** The word after --think is its level: a question there is a slip. */
function questionIsNoLevel(think: string | boolean): string | boolean {
  try {
    return thinkOf(think);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(error.kind, error.message, 'Put --think behind the question.');
  }
}

/** `json`, a schema, or the file of one. */
async function formatOf(format: string, stdin: NodeJS.ReadStream): Promise<string | object> {
  if (format === 'json') return format;
  const text = format.trimStart().startsWith('{') ? format : await readTextFile(format, stdin);
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === 'object' && schema !== null) return schema;
  } catch {}
  throw new CliError('usage', `--format ${format}: expected json, or a file with a JSON schema.`);
}

async function once(
  { out, client }: CliContext,
  conversation: Conversation,
  question: string,
  verbose: boolean,
): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const request = conversation.request(question);
  const answer = await askAndShow(out, await client(), request, interrupted.signal, !out.isJson);
  const { ending, text, thinking } = answer;
  if (!ending) throw new CliError('interrupted', 'The answer was stopped.');
  const { model } = conversation;
  out.answer({ ...ending, model, content: text, ...(thinking && { thinking }) }, () => {
    if (verbose) out.note(out.noteStyle.paint('dim', speedLine(ending)));
  });
}
