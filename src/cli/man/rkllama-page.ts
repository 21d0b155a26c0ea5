import type { Command } from 'commander';
import { exitMeanings } from '../failure.ts';
import { definition, literal, section, subsection, text, title } from './troff.ts';

/** rkllama(1): every command of the tree. */
export function rkllamaPage(tree: Command, date: string, version: string): string {
  return [
    title('rkllama', 1, date, version),
    section('Name'),
    'rkllama \\- language models on the NPU of a Rockchip board',
    section('Synopsis'),
    '.B rkllama\n.I COMMAND\n[options]',
    section('Description'),
    text(description),
    section('Options'),
    ...optionsOf(tree),
    ...groupsOf(tree).flatMap(([group, commands]) => [
      section(`Commands: ${group.replace(/:$/, '')}`),
      ...commands.flatMap((command) => commandPart(command, tree)),
    ]),
    section('Exit status'),
    ...exitMeanings.map(([code, meaning]) => definition(String(code), meaning)),
    section('Environment'),
    ...environment.map(([name, meaning]) => definition(name, meaning)),
    section('Files'),
    ...files.map(([name, meaning]) => definition(name, meaning)),
    section('See also'),
    '.BR rkllamad (8),\n.BR rkllamad.toml (5)',
    '',
  ].join('\n');
}

/** A command and what is below it. */
function commandPart(command: Command, root: Command): string[] {
  const aliases = command.aliases();
  const also = aliases.length > 0 ? ` Also: ${aliases.join(', ')}.` : '';
  const common = new Set(root.options.map(({ long }) => long));
  return [
    subsection(`${pathOf(command)} ${command.usage()}`.trim()),
    text(`${command.description()}${also}`),
    ...command.registeredArguments.flatMap((argument) =>
      argument.description ? [definition(argument.name(), sentence(argument.description))] : [],
    ),
    ...optionsOf(command, common),
    ...examplesOf(command),
    ...command.commands.flatMap((child) => commandPart(child, root)),
  ];
}

/** What is typed as it stands (`server.port`, `user/repo`) stays as it is. */
function sentence(words: string): string {
  const end = /[.…]$/.test(words) ? '' : '.';
  const isWord = /^[a-z]+(?![^\s,;:])/.test(words);
  return `${isWord ? words.charAt(0).toUpperCase() + words.slice(1) : words}${end}`;
}

function pathOf(command: Command): string {
  const parent = command.parent ? `${pathOf(command.parent)} ` : '';
  return `${parent}${command.name()}`;
}

function optionsOf(command: Command, without: ReadonlySet<string | undefined> = new Set()) {
  return command.options
    .filter(({ hidden, long }) => !hidden && !without.has(long))
    .map(({ flags, description, defaultValue, argChoices }) => {
      const choices = argChoices ? ` One of ${argChoices.join(', ')}.` : '';
      const fallback =
        defaultValue === undefined || defaultValue === true ? '' : ` Default: ${defaultValue}.`;
      return definition(flags, `${sentence(description)}${choices}${fallback}`);
    });
}

function groupsOf(tree: Command): [string, Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of tree.commands) {
    const group = command.helpGroup() || 'Others';
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  return [...groups];
}

/** What help shows after everything else. */
function examplesOf(command: Command): string[] {
  let shown = '';
  const writeOut = (words: string) => {
    shown += words;
  };
  command.configureOutput({ writeOut }).outputHelp();
  const examples = shown.slice(command.helpInformation().length).trim();
  return examples === '' ? [] : [literal(examples)];
}

const description = `
rkllama is the command line of rkllamad, the daemon that serves language models from the NPU of a Rockchip board. It asks the daemon over its admin socket, or over the network with --host.

rkllama COMMAND --help tells how a command is used. With --json, answers are JSON on stdout, one document or one in each line, and errors are JSON on stderr.`;

const environment = [
  [
    'RKLLAMA_HOST',
    'Where the daemon is, as --host. One that names this machine without a port (0.0.0.0) is the address that the daemon listens on, and the admin socket is tried first.',
  ],
  ['RKLLAMA_API_KEY', 'API key, where the daemon asks for one.'],
  [
    'RKLLAMA_ADMIN_SOCKET',
    'The admin socket; default /run/rkllamad/admin.sock, else admin.sock in the folder of the appliance.',
  ],
  ['RKLLAMA_CONFIG', 'The configuration file of the daemon; the port is read from it.'],
  ['NO_COLOR', 'If set, no colours and no progress bars.'],
] as const;

const files = [
  ['/run/rkllamad/admin.sock', 'The admin socket, for root and the group rkllama.'],
  ['~/RKLLAMA/admin.sock', 'The admin socket of a daemon that is no service, for its user.'],
  ['~/.local/state/rkllama/history', 'What was typed in chats; --no-history keeps nothing.'],
] as const;
