import { Command, InvalidArgumentError } from 'commander';
import type { CliContext } from '../context.ts';

export interface RunOptions {
  system?: string;
  think?: boolean | string;
  format?: string;
  option?: [string, string][];
  keepAlive?: string;
  verbose?: boolean;
  history: boolean;
}

export function runCommand(context: CliContext): Command {
  return new Command('run')
    .description(
      'Ask MODEL the PROMPT and print its answer. What is piped in comes after the prompt. Without either, chat.',
    )
    .argument('<model>', 'a model on disk')
    .argument('[prompt...]', 'the question')
    .option('-s, --system <text>', 'the system message')
    .option('--think [level]', 'think first: low, medium or high, where the model knows levels')
    .option('--no-think', 'do not think')
    .option('--format <format>', 'valid JSON: json, or the file of a JSON schema')
    .option('-o, --option <name=value>', 'temperature=0.2, num_ctx=8192, num_predict=100 …', pair)
    .option(
      '--keep-alive <time>',
      'how long the model stays after it: 300 (seconds), 5m, -1 for ever',
    )
    .option('-v, --verbose', 'tell tokens and speed')
    .option('--no-history', 'do not keep what is typed in the chat')
    .addHelpText('after', examples)
    .action(async (model: string, words: string[], options: RunOptions) => {
      const { run } = await import('../chat/run.ts');
      await run(context, model, words.join(' '), options);
    });
}

function pair(text: string, before: [string, string][] = []): [string, string][] {
  const [name = '', ...value] = text.split('=');
  if (name.trim() === '' || value.length === 0) {
    throw new InvalidArgumentError('Expected name=value.');
  }
  return [...before, [name.trim(), value.join('=')]];
}

const examples = `
Examples:
  rkllama run qwen3-1.7b Why is the sky blue?
  journalctl -p err -n 20 | rkllama run qwen3-1.7b "What is wrong here?"
  rkllama run qwen3-1.7b        a chat; /help tells what it knows, Ctrl-D ends it`;
