import type { Route } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { descriptions } from './descriptions.ts';
import { generate } from './generate.ts';
import {
  currentModel,
  currentModels,
  listModels,
  loadModel,
  removeModel,
  unloadModel,
  unloadModels,
} from './models.ts';
import { pull } from './pull.ts';
import { texts } from './texts.ts';

/** The RKLLama API: every route of its contract, and those that later clients ask for. */
export function rkllamaRoutes(
  services: HttpServices,
  options: { keepAliveMs: number },
): readonly Route[] {
  const remove = removeModel(services);
  return [
    {
      path: '/',
      access: 'inference',
      describes: descriptions.welcome,
      methods: {
        get: (_request, response) => {
          response.json({ message: texts.welcome, github: texts.github });
        },
      },
    },
    {
      path: '/models',
      access: 'inference',
      methods: { get: listModels(services) },
      describes: descriptions.models,
    },
    {
      path: '/load_model',
      access: 'inference',
      methods: { post: loadModel(services) },
      describes: descriptions.loadModel,
    },
    {
      path: '/unload_model',
      access: 'inference',
      methods: { post: unloadModel(services) },
      describes: descriptions.unloadModel,
    },
    {
      path: '/unload_models',
      access: 'inference',
      methods: { post: unloadModels(services) },
      describes: descriptions.unloadModels,
    },
    {
      path: '/current_model',
      access: 'inference',
      methods: { get: currentModel(services) },
      describes: descriptions.currentModel,
    },
    {
      path: '/current_models',
      access: 'inference',
      methods: { get: currentModels(services) },
      describes: descriptions.currentModels,
    },
    {
      path: '/generate',
      access: 'inference',
      methods: { post: generate(services, options.keepAliveMs) },
      describes: descriptions.generate,
    },
    {
      path: '/pull',
      access: 'admin',
      methods: { post: pull(services) },
      describes: descriptions.pull,
    },
    {
      path: '/rm',
      access: 'admin',
      methods: { post: remove, delete: remove },
      describes: descriptions.remove,
    },
  ];
}
