/** Names of models as Ollama's clients write them. */
import { createHash } from 'node:crypto';
import { ApplianceError } from '../../../errors.ts';
import type { Model } from '../../../library/index.ts';
import type { CatalogueService } from '../../services.ts';

/** Throws in Ollama's words where there is no such model. */
export function findModel(catalogue: CatalogueService, name: string): Model {
  if (name === '') throw new ApplianceError('invalid_request', 'model is required');
  try {
    return catalogue.find(name);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== 'model_not_found') throw error;
    throw new ApplianceError('model_not_found', `model '${name}' not found`, { cause: error });
  }
}

/**
 * How a model is listed: without `.rkllm`, and with the tag that clients add by themselves before
 * they compare.
 */
export function taggedName(name: string, catalogue: CatalogueService): string {
  const stem = name.replace(/\.rkllm$/i, '');
  const shown = means(stem, name, catalogue) ? stem : name;
  return shown.includes(':') ? shown : `${shown}:latest`;
}

/** `model` may be a folder beside the file `model.rkllm`. */
function means(short: string, name: string, catalogue: CatalogueService): boolean {
  if (short === '' || short === name) return false;
  try {
    return catalogue.find(short).name === name;
  } catch {
    return false;
  }
}

/** SHA-256 of the model's file; until it is known, of what tells the file from others. */
export function digestOf({ digest, path, sizeBytes }: Model): string {
  return digest ?? createHash('sha256').update(`${path} ${sizeBytes}`).digest('hex');
}
