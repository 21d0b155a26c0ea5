/** Which installed runtime is used from now on. */
import type { RuntimeVersion, Selection } from '../../rkllm/index.ts';
import { bestFit, type ModelNeeds, type RuntimeStore } from '../../runtimes/index.ts';
import type { CliContext } from '../context.ts';

/** Unless somebody chose a version for good, the best of what is installed; `added` is new. */
export async function chooseAgain(
  store: RuntimeStore,
  models: readonly ModelNeeds[],
  added: RuntimeVersion,
): Promise<Selection> {
  const before = await store.selection().catch(() => null);
  if (before && !before.automatic) return before;
  const installed = (await store.installed()).map(({ version }) => version);
  const version = bestFit(installed, models)?.version ?? added;
  await store.select({ version, automatic: true });
  return { version, automatic: true };
}

/** A running daemon that has a runtime keeps it; one without finds the new one by itself. */
export async function tellRestart(context: CliContext, version: RuntimeVersion): Promise<void> {
  const { daemonHealth } = await import('../api/status.ts');
  const health = await daemonHealth(await context.client()).catch(() => null);
  if (health?.runtime && health.runtime.version !== version) {
    context.out.note(
      `The running daemon still uses ${health.runtime.version}. To change it: sudo systemctl restart rkllamad`,
    );
  }
}
