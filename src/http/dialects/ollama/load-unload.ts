import type { Model } from '../../../library/index.ts';
import type { EngineService } from '../../services.ts';

/**
 * What a request without a question means: load the model, or with `keep_alive` 0 unload it. One
 * that answers somebody is unloaded after that, and not before.
 */
export async function loadOrUnload(
  engine: EngineService,
  { name }: Model,
  keepAliveMs: number | undefined,
): Promise<'load' | 'unload'> {
  if (keepAliveMs !== 0) {
    await engine.load(name, keepAliveMs);
    return 'load';
  }
  const loaded = engine.loaded().find((model) => model.name === name);
  if (loaded?.state === 'busy' || loaded?.state === 'loading') await engine.load(name, 0);
  else if (loaded) await engine.unload(name);
  return 'unload';
}
