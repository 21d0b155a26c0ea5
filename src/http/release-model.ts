import type { Model } from '../library/index.ts';
import type { HttpServices } from './services.ts';

/** Ends what still uses a model that is about to go from disk: pulls into its folder, and its place in memory. */
export async function releaseModel(
  { engine, puller }: Pick<HttpServices, 'engine' | 'puller'>,
  { name, folder }: Model,
): Promise<void> {
  const pulls = folder === null ? [] : puller.pulls().filter((pull) => pull.name === name);
  for (const { id } of pulls) await puller.cancel(id, { deletePartial: true });
  if (engine.loaded().some((loaded) => loaded.name === name)) await engine.unload(name);
}
