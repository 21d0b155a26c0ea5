import { type Command, Option } from 'commander';

/** What every command takes beside its own options: `client` asks the daemon. */
export type OptionSet = 'client' | 'json' | 'none';

export const sharedOptionsHeading = 'Options of all commands:';

/** Adds them to every command that does something itself. */
export function addOptions(command: Command, set: OptionSet): void {
  for (const child of command.commands) addOptions(child, set);
  const isBranch = command.parent !== null && command.commands.length > 0;
  if (isBranch) return;
  for (const option of optionsOf(set)) {
    const isTaken = command.options.some(({ long }) => long === option.long);
    if (!isTaken) command.addOption(option.helpGroup(sharedOptionsHeading));
  }
}

function optionsOf(set: OptionSet): Option[] {
  if (set === 'none') return [];
  const json = new Option('--json', 'print JSON, for programs');
  if (set === 'json') return [json];
  return [
    json,
    new Option('--host <address>', 'where the daemon is: host, host:port or a URL'),
    new Option('--api-key <key>', 'API key; better in RKLLAMA_API_KEY, where nobody sees it'),
  ];
}
