import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import type { OptionSet } from './options.ts';

export interface Entry {
  name: string;
  alias?: string;
  group: string;
  /** In the list of commands. */
  summary: string;
  options: OptionSet;
  /** It has a `--help` of its own. */
  ownHelp?: boolean;
  load(context: CliContext): Promise<Command>;
}

const models = 'Models:';
const running = 'Running them:';
const appliance = 'The appliance:';
export const thisProgram = 'This program:';

/** Every command. Its own file is loaded when it is named: a board starts programs slowly. */
export const entries: readonly Entry[] = [
  {
    name: 'list',
    alias: 'ls',
    group: models,
    summary: 'List the models on disk',
    options: 'client',
    load: async (context) => (await import('./commands/list.ts')).listCommand(context),
  },
  {
    name: 'show',
    group: models,
    summary: 'Tell what is known of a model',
    options: 'client',
    load: async (context) => (await import('./commands/show.ts')).showCommand(context),
  },
  {
    name: 'search',
    group: models,
    summary: 'Search the hub for models that run on this board',
    options: 'client',
    load: async (context) => (await import('./commands/search.ts')).searchCommand(context),
  },
  {
    name: 'pull',
    group: models,
    summary: 'Download a model',
    options: 'client',
    load: async (context) => (await import('./commands/pull.ts')).pullCommand(context),
  },
  {
    name: 'rm',
    group: models,
    summary: 'Delete models',
    options: 'client',
    load: async (context) => (await import('./commands/rm.ts')).rmCommand(context),
  },
  {
    name: 'cp',
    group: models,
    summary: 'Give a model a second name',
    options: 'client',
    load: async (context) => (await import('./commands/cp.ts')).cpCommand(context),
  },
  {
    name: 'create',
    group: models,
    summary: 'Make a model out of another one and a Modelfile',
    options: 'client',
    load: async (context) => (await import('./commands/create.ts')).createCommand(context),
  },
  {
    name: 'run',
    group: running,
    summary: 'Ask a model, or chat with it',
    options: 'client',
    load: async (context) => (await import('./commands/run.ts')).runCommand(context),
  },
  {
    name: 'ps',
    group: running,
    summary: 'List the models in memory',
    options: 'client',
    load: async (context) => (await import('./commands/ps.ts')).psCommand(context),
  },
  {
    name: 'load',
    group: running,
    summary: 'Load a model into memory',
    options: 'client',
    load: async (context) => (await import('./commands/load.ts')).loadCommand(context),
  },
  {
    name: 'unload',
    alias: 'stop',
    group: running,
    summary: 'Unload models from memory, and end what they generate',
    options: 'client',
    load: async (context) => (await import('./commands/unload.ts')).unloadCommand(context),
  },
  {
    name: 'embed',
    group: running,
    summary: 'Turn texts into vectors',
    options: 'client',
    load: async (context) => (await import('./commands/embed.ts')).embedCommand(context),
  },
  {
    name: 'bench',
    group: running,
    summary: 'Measure how fast a model is on this board',
    options: 'client',
    load: async (context) => (await import('./commands/bench.ts')).benchCommand(context),
  },
  {
    name: 'serve',
    group: appliance,
    summary: 'Run the daemon in the foreground',
    options: 'none',
    ownHelp: true,
    load: async (context) => (await import('./commands/serve.ts')).serveCommand(context),
  },
  {
    name: 'status',
    group: appliance,
    summary: 'Tell how the daemon is',
    options: 'client',
    load: async (context) => (await import('./commands/status.ts')).statusCommand(context),
  },
  {
    name: 'logs',
    group: appliance,
    summary: "Show the daemon's log",
    options: 'none',
    load: async (context) => (await import('./commands/logs.ts')).logsCommand(context),
  },
  {
    name: 'keys',
    group: appliance,
    summary: 'Make, list and revoke API keys',
    options: 'client',
    load: async (context) => (await import('./commands/keys.ts')).keysCommand(context),
  },
  {
    name: 'config',
    group: appliance,
    summary: 'Check, show and explain the configuration',
    options: 'json',
    load: async (context) => (await import('./commands/config.ts')).configCommand(context),
  },
  {
    name: 'doctor',
    group: appliance,
    summary: 'Check this board, and tell what to mend',
    options: 'json',
    load: async (context) => (await import('./doctor/command.ts')).doctorCommand(context),
  },
  {
    name: 'selftest',
    group: appliance,
    summary: 'Test whether the runtime does what rkllamad relies on',
    options: 'client',
    load: async (context) => (await import('./selftest/command.ts')).selftestCommand(context),
  },
  {
    name: 'runtime',
    group: appliance,
    summary: "List, install and choose Rockchip's library",
    options: 'client',
    load: async (context) => (await import('./runtime/index.ts')).runtimeCommand(context),
  },
  {
    name: 'completion',
    group: thisProgram,
    summary: 'Print the completions of a shell',
    options: 'none',
    load: async (context) => (await import('./commands/completion.ts')).completionCommand(context),
  },
  {
    name: 'version',
    group: thisProgram,
    summary: 'Tell the versions of this program and of the daemon',
    options: 'client',
    load: async (context) => (await import('./commands/version.ts')).versionCommand(context),
  },
];
