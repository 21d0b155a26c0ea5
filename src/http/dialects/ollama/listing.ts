import type { LoadedModelInfo } from '../../../engine/index.ts';
import type { Model } from '../../../library/index.ts';
import type { Handler } from '../../routing.ts';
import type { CatalogueService, HttpServices } from '../../services.ts';
import { detailsOf, problemOf } from './details.ts';
import { digestOf, taggedName } from './names.ts';
import { ollamaVersion } from './version.ts';

/** What Ollama says of a model that stays: clients parse a date. */
const never = '2318-01-01T00:00:00.000Z';

/** `GET /api/version` */
export const version: Handler = (_request, response) => {
  response.json({ version: ollamaVersion });
};

/** `GET /api/tags`: all models on disk, out of memory. */
export function tags({ catalogue }: HttpServices): Handler {
  return (_request, response) => {
    const models = catalogue.models().map((model) => {
      const name = taggedName(model.name, catalogue);
      return {
        name,
        model: name,
        modified_at: model.modifiedAt.toISOString(),
        size: model.sizeBytes,
        digest: digestOf(model),
        details: detailsOf(model),
        ...problemOf(model),
      };
    });
    response.json({ models });
  };
}

/** `GET /api/ps`: all models in the memory of the NPU. */
export function ps({ engine, catalogue }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ models: engine.loaded().map((model) => describe(model, catalogue)) });
  };
}

function describe(loaded: LoadedModelInfo, catalogue: CatalogueService): object {
  const name = taggedName(loaded.name, catalogue);
  const model = onDisk(loaded, catalogue);
  return {
    name,
    model: name,
    size: loaded.sizeBytes,
    digest: model ? digestOf(model) : '',
    ...(model && { details: detailsOf(model) }),
    expires_at: loaded.expiresAt?.toISOString() ?? never,
    size_vram: loaded.sizeBytes,
    context_length: loaded.contextLength,
  };
}

/** Its files may have been deleted since it was loaded. */
function onDisk(loaded: LoadedModelInfo, catalogue: CatalogueService): Model | undefined {
  try {
    return catalogue.models().find(({ name }) => name === loaded.name);
  } catch {
    return undefined;
  }
}
