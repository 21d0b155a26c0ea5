import type { Request } from 'express';
import type { Model } from '../../../library/index.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { modelFor } from './model-name.ts';

/** `GET models`: what can be asked. Models that this board cannot run are not offered. */
export function listModels(services: HttpServices): Handler {
  return (_request, response) => {
    response.json(modelList(services));
  };
}

/**
 * `GET /models` for OpenAI's clients. It carries RKLLama's `models` too: a Bearer token alone does
 * not tell whose client it is.
 */
export function listModelsForBoth(services: HttpServices): Handler {
  return (_request, response) => {
    const models = services.catalogue.models().map(({ name }) => name);
    response.json({ ...modelList(services), models });
  };
}

/** Whether a client of `GET /models` expects OpenAI's shape. */
export function asksForOpenai({ headers }: Request): boolean {
  const marked = Object.keys(headers).some((name) => /^(openai|x-stainless)-/.test(name));
  return (
    marked ||
    /^Bearer\s/i.test(headers.authorization ?? '') ||
    /^(Async)?OpenAI\//.test(headers['user-agent'] ?? '')
  );
}

/** `GET models/{id}`; the id may contain slashes. */
export function retrieveModel(services: HttpServices): Handler {
  return (request, response) => {
    const model = [request.params['id'] ?? ''].flat().join('/');
    response.json(modelObject(services, services.catalogue.find(modelFor(services, { model }))));
  };
}

function modelList(services: HttpServices): object {
  const usable = services.catalogue.models().filter(({ problem }) => problem === null);
  return { object: 'list', data: usable.map((model) => modelObject(services, model)) };
}

function modelObject({ engine }: HttpServices, model: Model): object {
  const { name, modifiedAt, modelfile, inspection } = model;
  const loaded = engine.loaded().find((each) => each.name === name);
  const most = inspection.maxContext ?? modelfile.numCtx;
  const contextLength = loaded?.contextLength ?? (most && Math.min(most, modelfile.numCtx ?? most));
  return {
    id: name,
    object: 'model',
    created: Math.floor(modifiedAt.getTime() / 1000),
    owned_by: 'rkllamad',
    ...(contextLength && { context_length: contextLength }),
  };
}
