import { ApplianceError } from '../../../errors.ts';
import type { HttpServices } from '../../services.ts';
import { texts } from './texts.ts';

/**
 * The loaded model that a client means: undefined for no name in particular. Throws
 * `model_not_loaded`, and what the catalogue throws for a name that it cannot place.
 */
export function resolveLoaded(
  { engine, catalogue }: Pick<HttpServices, 'engine' | 'catalogue'>,
  name: string,
): string | undefined {
  const loaded = engine.loaded().map((model) => model.name);
  if (loaded.length === 0) throw new ApplianceError('model_not_loaded', texts.noneLoaded);
  if (name === '') return undefined;
  // A loaded model may have been deleted from disk, so its plain name needs no catalogue.
  const resolved = loaded.includes(name) ? name : catalogue.find(name).name;
  if (loaded.includes(resolved)) return resolved;
  throw new ApplianceError('model_not_loaded', texts.notLoaded(name));
}
