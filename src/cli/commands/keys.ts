import { Command, Option } from 'commander';
import type { ApiKey } from '../api/keys.ts';
import type { CliContext } from '../context.ts';
import { relativeTime } from '../units.ts';

export function keysCommand(context: CliContext): Command {
  return new Command('keys')
    .description(
      'Who may use the daemon over the network. Without keys everybody may who reaches it.',
    )
    .addCommand(add(context))
    .addCommand(list(context))
    .addCommand(revoke(context));
}

function add({ out, client }: CliContext): Command {
  return new Command('add')
    .description('Make a key. It is shown this once. With the first, all requests need one.')
    .summary('Make a key')
    .argument('<name>', 'what it is for: home-assistant')
    .addOption(
      new Option('--scope <scope>', 'what it may do; admin includes models, keys and settings')
        .choices(['inference', 'admin'])
        .default('inference'),
    )
    .action(async (name: string, { scope }: { scope: string }) => {
      const { addKey } = await import('../api/keys.ts');
      const made = await addKey(await client(), name, scope);
      out.answer(made, () => {
        out.print(made.key);
        out.note('Keep it now: the board stores only its hash and cannot show it again.');
      });
    });
}

function list({ out, client }: CliContext): Command {
  return new Command('list')
    .alias('ls')
    .description('List the keys, by name and id.')
    .summary('List the keys')
    .action(async () => {
      const { listKeys } = await import('../api/keys.ts');
      const { required, keys } = await listKeys(await client());
      out.answer({ required, keys }, () => {
        if (keys.length > 0) out.table(columns, keys);
        else out.note('There are no keys.');
        if (keys.length === 0) {
          out.note(
            required
              ? 'Over the network nobody gets in until one is made: rkllama keys add NAME'
              : 'Everybody who reaches the daemon may use it.',
          );
        }
      });
    });
}

function revoke({ out, client }: CliContext): Command {
  return new Command('revoke')
    .alias('rm')
    .description('Revoke a key: requests with it are refused from then on.')
    .summary('Revoke a key')
    .argument('<key>', 'its name or id')
    .action(async (key: string) => {
      const { revokeKey } = await import('../api/keys.ts');
      const revoked = await revokeKey(await client(), key);
      out.answer(revoked, () => {
        out.print(`Revoked ${revoked.name}`);
        if (revoked.remaining === 0) {
          out.note('It was the last one: over the network nobody gets in until a new key is made.');
        }
      });
    });
}

/** The board keeps the hour of a use, not the minute. */
function hourText(hour: Date): string {
  const isThisHour = Date.now() - hour.getTime() < 3_600_000;
  return isThisHour ? 'within the hour' : relativeTime(hour);
}

const columns = [
  { title: 'NAME', value: ({ name }: ApiKey) => name, shrinks: true },
  { title: 'ID', value: ({ id }: ApiKey) => id },
  { title: 'SCOPE', value: ({ scope }: ApiKey) => scope },
  { title: 'MADE', value: (key: ApiKey) => relativeTime(new Date(key.created_at)), isExtra: true },
  {
    title: 'LAST USED',
    value: ({ last_used_at: at }: ApiKey) => (at === null ? 'never' : hourText(new Date(at))),
    isExtra: true,
  },
];
