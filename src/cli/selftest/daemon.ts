import { unloadAll } from '../api/load.ts';
import { daemonHealth } from '../api/status.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';

/** Two programs that use the NPU at once can stop the kernel: the daemon's models go first. */
export async function makeDaemonLetGo(
  { client, out }: CliContext,
  { force, unload }: { force?: boolean; unload?: boolean },
): Promise<void> {
  const daemon = await client();
  const health = await daemonHealth(daemon).catch(() => null);
  const loaded = health?.models_loaded ?? 0;
  if (loaded === 0 || force) return;
  if (unload) {
    await unloadAll(daemon);
    out.note('The daemon has unloaded its models.');
    return;
  }
  throw new CliError(
    'refused',
    `The daemon holds the NPU: ${loaded} ${loaded === 1 ? 'model is' : 'models are'} loaded.`,
    'Have it unload them: rkllama selftest --unload. To test all the same, at your own risk: --force',
  );
}
