import type { LoadedModelInfo } from '../../../engine/index.ts';
import { ApplianceError } from '../../../errors.ts';
import { parseBody } from '../../body.ts';
import { releaseModel } from '../../release-model.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { resolveLoaded } from './resolve-loaded.ts';
import { namedModel } from './schemas.ts';
import { texts } from './texts.ts';

/** `GET /models`: the names of all models on disk. */
export function listModels({ catalogue }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ models: catalogue.models().map((model) => model.name) });
  };
}

/** `GET /current_model`: the model that `/generate` asks when none is named. */
export function currentModel({ engine }: HttpServices): Handler {
  return (_request, response) => {
    const model = engine.current();
    if (model) response.json({ model_name: model.name });
    else response.status(404).json({ error: texts.noneLoaded });
  };
}

/** `GET /current_models`: everything that is loaded, as later servers list it. */
export function currentModels({ engine }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ models: engine.loaded().map(describe) });
  };
}

/** `POST /load_model`: one model at a time, as the contract has it. */
export function loadModel({ engine, catalogue }: HttpServices): Handler {
  // The engine lists a model shortly after it was told to load it; until then it is known here.
  const starting = new Set<string>();
  return async (request, response) => {
    const name = parseBody(namedModel, request);
    if (name === '') throw new ApplianceError('invalid_request', texts.nameMissingToLoad);
    const { name: found } = await orNotFound(name, () => catalogue.find(name));
    const isOther = (other: string) => other !== found;
    const blocks = (model: LoadedModelInfo) => isOther(model.name) || model.state !== 'loading';
    if ([...starting].some(isOther) || engine.loaded().some(blocks)) {
      throw new ApplianceError('model_already_loaded', texts.alreadyLoaded);
    }
    starting.add(found);
    try {
      await orNotFound(name, () => engine.load(found, Number.POSITIVE_INFINITY));
    } finally {
      starting.delete(found);
    }
    response.json({ message: texts.loaded(name) });
  };
}

/** `POST /unload_model`: the named model, or without a name all, so that a load may follow. */
export function unloadModel(services: HttpServices): Handler {
  return async (request, response) => {
    const model = resolveLoaded(services, parseBody(namedModel, request));
    const unloaded = await services.engine.unload(model);
    if (unloaded.length === 0) throw new ApplianceError('model_not_loaded', texts.noneLoaded);
    response.json({ message: texts.unloaded });
  };
}

/** `POST /unload_models`: all, and content when there is none. */
export function unloadModels({ engine }: HttpServices): Handler {
  return async (_request, response) => {
    await engine.unload();
    response.json({ message: texts.allUnloaded });
  };
}

/** `DELETE /rm` and `POST /rm`: unloads the model where needed and deletes its files. */
export function removeModel(services: HttpServices): Handler {
  return async (request, response) => {
    const name = parseBody(namedModel, request);
    if (name === '') throw new ApplianceError('invalid_request', texts.nameMissingToRemove);
    try {
      await services.catalogue.remove(name, { unload: (model) => releaseModel(services, model) });
    } catch (error) {
      if (!hasCode(error, 'model_not_found')) throw error;
      throw new ApplianceError('model_not_found', texts.notFoundToRemove(name), { cause: error });
    }
    response.json({ message: texts.removed });
  };
}

/** The contract knows one text, with status 400, for every name that leads to no model. */
async function orNotFound<T>(name: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasCode(error, 'model_not_found') && !hasCode(error, 'invalid_request')) throw error;
    throw new ApplianceError('invalid_request', texts.notFoundToLoad(name), { cause: error });
  }
}

function hasCode(error: unknown, code: ApplianceError['code']): boolean {
  return error instanceof ApplianceError && error.code === code;
}

function describe(model: LoadedModelInfo): object {
  return {
    name: model.name,
    model: model.name,
    size: model.sizeBytes,
    details: { format: 'rkllm' },
    loaded_at: model.loadedAt.toISOString(),
    expires_at: model.expiresAt?.toISOString() ?? null,
    context_length: model.contextLength,
    state: model.state,
  };
}
