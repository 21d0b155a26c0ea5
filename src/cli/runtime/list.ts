import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Overview, RuntimeRow } from './overview.ts';

export function listCommand({ out, environment }: CliContext): Command {
  return new Command('list')
    .description('List the releases of the runtime: installed or not, and which models each loads.')
    .summary('List what is installed and what there is')
    .action(async () => {
      const { readInstallation } = await import('../installation.ts');
      const { overviewOf } = await import('./overview.ts');
      const overview = await overviewOf(await readInstallation(environment));
      out.answer(documentOf(overview), () => print(overview));
    });

  function print(overview: Overview): void {
    const { inUse, whyNone, models, rows, best } = overview;
    out.table(
      [
        { title: 'VERSION', value: ({ version }) => version },
        { title: 'STATE', value: (row) => stateOf(row, overview) },
        { title: 'LOADS', value: (row) => loadsText(row, models.length) },
        {
          title: 'VERIFIED BY',
          value: ({ provenBy }) => provenBy.map(shortName).join(', '),
          isExtra: true,
        },
      ],
      rows.toReversed(),
    );
    const current = rows.find(({ version }) => version === inUse?.version);
    if (inUse?.simulator) out.note(`${inUse.path} is the simulator, not an NPU.`);
    else if (inUse) out.note(`In use: ${inUse.path}`);
    else out.note(`No runtime is in use. ${whyNone}`);
    for (const name of current?.refused ?? []) out.warn(`${name} needs a newer runtime than this.`);
    for (const name of current?.faulty ?? []) {
      out.warn(`${inUse?.version} has a known fault with ${name}.`);
    }
    if (best !== null && best !== inUse?.version) {
      out.note(`The best one for these models: sudo rkllama runtime install ${best}`);
    }
  }
}

function stateOf({ version, path }: RuntimeRow, { inUse, automatic }: Overview): string {
  if (inUse?.version === version && inUse.path === path) {
    return automatic ? 'in use (auto)' : 'in use';
  }
  if (inUse?.version === version) return 'in use, from elsewhere';
  return path === null ? '-' : 'installed';
}

function loadsText({ refused, faulty }: RuntimeRow, count: number): string {
  if (count === 0) return '-';
  const loaded = `${count - refused.length} of ${count} models`;
  return faulty.length === 0 ? loaded : `${loaded}, ${faulty.length} with a fault`;
}

function shortName(kind: string): string {
  return kind === 'sha256' ? 'SHA-256' : 'git blob id';
}

function documentOf({ folder, inUse, whyNone, automatic, rows, best }: Overview) {
  return {
    folder,
    in_use: inUse && {
      version: inUse.version,
      path: inUse.path,
      simulator: inUse.simulator,
      chosen: automatic ? 'auto' : 'fixed',
    },
    reason: whyNone,
    best,
    versions: rows.map(({ version, path, provenBy, refused, faulty }) => ({
      version,
      path,
      verified_by: provenBy,
      refused_models: refused,
      faulty_models: faulty,
    })),
  };
}
