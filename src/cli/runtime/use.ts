import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { asCliError, noRelease } from './failures.ts';

export function useCommand(context: CliContext): Command {
  return new Command('use')
    .description(
      'Choose among the installed runtimes: a version for good, or auto for the one that serves the models best.',
    )
    .summary('Choose among what is installed')
    .argument('<version>', 'an installed version, or auto')
    .action(async (version: string) => {
      try {
        await use(context, version);
      } catch (error) {
        throw asCliError(error, `sudo rkllama runtime use ${version}`);
      }
    });
}

async function use(context: CliContext, wanted: string): Promise<void> {
  const { out, environment } = context;
  const { readInstallation } = await import('../installation.ts');
  const { needsOf, runtimeInUse, storeOf } = await import('./overview.ts');
  const { bestFit, fitOf } = await import('../../runtimes/index.ts');
  const { isRuntimeVersion, runtimeVersions } = await import('../../rkllm/index.ts');
  const { tellRestart } = await import('./selection.ts');
  const installation = await readInstallation(environment);
  const store = storeOf(installation);
  const installed = (await store.installed()).map(({ version }) => version);
  const models = await needsOf(installation);
  const fit =
    wanted === 'auto'
      ? bestFit(installed, models)
      : isRuntimeVersion(wanted) && installed.includes(wanted)
        ? fitOf(wanted, models)
        : null;
  if (fit === null) {
    if (wanted !== 'auto' && !isRuntimeVersion(wanted)) throw noRelease(wanted, runtimeVersions);
    const what = wanted === 'auto' ? 'No runtime is' : `Runtime ${wanted} is not`;
    const version = wanted === 'auto' ? '' : ` ${wanted}`;
    throw new CliError(
      'not_found',
      `${what} installed.`,
      `Install it: sudo rkllama runtime install${version}`,
    );
  }
  await store.select({ version: fit.version, automatic: wanted === 'auto' });
  const inUse = await runtimeInUse(installation);
  const { version, refused, faulty } = fit;
  const isNamed = inUse.version !== version;
  out.answer(
    { version, automatic: wanted === 'auto', refused_models: refused, faulty_models: faulty },
    () => {
      out.print(`Runtime ${version} is chosen${wanted === 'auto' ? ' for these models' : ''}.`);
      if (isNamed) out.warn(`The configuration names ${inUse.path}, which is used all the same.`);
    },
  );
  for (const name of refused) out.warn(`${name} needs a newer runtime than ${version}.`);
  for (const name of faulty) out.warn(`${version} has a known fault with ${name}.`);
  await tellRestart(context, version);
}
