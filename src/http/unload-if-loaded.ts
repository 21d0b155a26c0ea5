import type { Model } from '../library/index.ts';
import type { EngineService } from './services.ts';

/** Takes a model out of memory that is about to go from disk. */
export async function unloadIfLoaded(engine: EngineService, { name }: Model): Promise<void> {
  if (engine.loaded().some((loaded) => loaded.name === name)) await engine.unload(name);
}
