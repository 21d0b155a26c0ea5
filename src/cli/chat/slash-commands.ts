import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Conversation } from './conversation.ts';
import { saveConversation } from './save.ts';
import { settingNames, setUsage, setValue, unsetValue } from './slash-settings.ts';

/** What a chat's commands work on. */
export interface ChatState {
  readonly out: Terminal;
  readonly client: Client;
  readonly conversation: Conversation;
  /** Tokens and speed are told after each answer. */
  isVerbose: boolean;
  /** Answers are shown as they come, and not when they are whole. */
  isStreamed: boolean;
}

interface SlashCommand {
  names: readonly string[];
  usage: string;
  summary: string;
  /** Resolves with `end` to leave the chat. Throws `CliError`. */
  run(
    state: ChatState,
    rest: string,
    signal: AbortSignal,
  ): Promise<'end' | undefined> | 'end' | undefined;
}

const commands: readonly SlashCommand[] = [
  {
    names: ['/help', '/?'],
    usage: '/help',
    summary: 'this list',
    run: ({ out }) => {
      const room = Math.max(...commands.map(({ usage }) => usage.length)) + 2;
      for (const { usage, summary } of commands) out.print(`  ${usage.padEnd(room)}${summary}`);
      out.print(setUsage);
      out.print('  """ begins and ends a message of several lines; a \\ at the end goes on, too.');
      out.print('  Ctrl-C stops an answer, Ctrl-D ends the chat.');
      return undefined;
    },
  },
  {
    names: ['/clear'],
    usage: '/clear',
    summary: 'forget what was said',
    run: ({ conversation, out }) => {
      conversation.forget();
      out.print('Forgotten: the next question begins a new conversation.');
      return undefined;
    },
  },
  {
    names: ['/cls', '/c'],
    usage: '/cls, /c',
    summary: 'clear the screen',
    run: ({ out }) => {
      out.write('\u001B[2J\u001B[3J\u001B[H');
      return undefined;
    },
  },
  {
    names: ['/set'],
    usage: '/set NAME [VALUE]',
    summary: 'change a setting of the chat, see below',
    run: (state, words) => {
      state.out.print(setValue(state, words));
      return undefined;
    },
  },
  {
    names: ['/unset'],
    usage: '/unset NAME',
    summary: 'take a setting back',
    run: (state, words) => {
      state.out.print(unsetValue(state, words));
      return undefined;
    },
  },
  {
    names: ['/show'],
    usage: '/show',
    summary: 'the model and the settings of the chat',
    run: async (state) => {
      await show(state);
      return undefined;
    },
  },
  {
    names: ['/load'],
    usage: '/load MODEL',
    summary: 'go on with another model',
    run: async ({ out, client, conversation }, name, signal) => {
      if (name === '') {
        out.print('Which model? /load MODEL');
        return undefined;
      }
      const { loadModel } = await import('../api/load.ts');
      await loadModel(client, name, undefined, signal);
      conversation.model = name;
      out.print(`${name} answers from here on.`);
      return undefined;
    },
  },
  {
    names: ['/save'],
    usage: '/save NAME',
    summary: 'keep model, settings and conversation as a model of that name',
    run: async ({ out, client, conversation }, name) => {
      if (name === '') out.print('Under which name? /save NAME');
      else out.print(await saveConversation(client, conversation, name));
      return undefined;
    },
  },
  {
    names: ['/bye', '/exit', '/quit', 'exit'],
    usage: '/bye, exit',
    summary: 'leave',
    run: () => 'end',
  },
];

/** What Tab completes at the beginning of a line. */
export const slashWords: readonly string[] = [
  ...commands.flatMap(({ names }) => names.filter((name) => name.startsWith('/'))),
  ...settingNames.flatMap((name) => [`/set ${name}`, `/unset ${name}`]),
];

/** Whether a message is for the chat itself, and not for the model. */
export function isSlashCommand(message: string): boolean {
  const [word = ''] = message.trim().split(/\s+/);
  // A path is no command: "/etc/fstab has a wrong line".
  return find(message.trim()) !== undefined || /^\/[a-z?]+$/i.test(word);
}

/** Runs one. Throws `CliError`, and an `AbortError` where it was stopped. */
export async function runSlashCommand(
  state: ChatState,
  message: string,
  signal: AbortSignal,
): Promise<'end' | undefined> {
  const text = message.trim();
  const command = find(text);
  if (!command) {
    state.out.print(`There is no ${text.split(/\s+/)[0]}. /help lists what there is.`);
    return undefined;
  }
  return command.run(state, text.replace(/^\S+\s*/, ''), signal);
}

function find(text: string): SlashCommand | undefined {
  const [word = '', ...rest] = text.split(/\s+/);
  return commands.find(({ names }) =>
    names.some((name) => name === word && (name.startsWith('/') || rest.length === 0)),
  );
}

async function show({ out, client, conversation, isVerbose, isStreamed }: ChatState) {
  const { factsOf, showModel } = await import('../api/show.ts');
  const { model, think, format, parameters, turns } = conversation;
  const known = factsOf(model, await showModel(client, model));
  out.facts([
    ...known.filter(([name]) => name !== 'System'),
    ['System', conversation.system],
    ['Think', typeof think === 'boolean' ? yesOrNo(think) : think],
    ['Format', typeof format === 'object' ? JSON.stringify(format) : format],
    ['Settings', [...parameters].map(([name, value]) => `${name}=${value}`).join(', ')],
    ['Verbose', yesOrNo(isVerbose)],
    ['Stream', yesOrNo(isStreamed)],
    ['Messages', turns.length],
  ]);
}

function yesOrNo(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}
