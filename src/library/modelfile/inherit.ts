import type { Modelfile } from './settings.ts';

/**
 * The settings of a derived model: its own on top of its base's, sampling and vision value by value. Licences
 * add up, as in Ollama; messages and stop strings of the derived model replace its base's.
 */
export function inherit(base: Modelfile, own: Modelfile): Modelfile {
  const merged: Modelfile = { ...base, ...own };
  if (base.sampling && own.sampling) merged.sampling = { ...base.sampling, ...own.sampling };
  if (base.vision && own.vision) merged.vision = { ...base.vision, ...own.vision };
  if (base.license && own.license) merged.license = [...base.license, ...own.license];
  return merged;
}
