import type { Route } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
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
      methods: {
        get: (_request, response) => {
          response.json({ message: texts.welcome, github: texts.github });
        },
      },
    },
    { path: '/models', methods: { get: listModels(services) } },
    { path: '/load_model', methods: { post: loadModel(services) } },
    { path: '/unload_model', methods: { post: unloadModel(services) } },
    { path: '/unload_models', methods: { post: unloadModels(services) } },
    { path: '/current_model', methods: { get: currentModel(services) } },
    { path: '/current_models', methods: { get: currentModels(services) } },
    { path: '/generate', methods: { post: generate(services, options.keepAliveMs) } },
    { path: '/pull', methods: { post: pull(services) } },
    { path: '/rm', methods: { post: remove, delete: remove } },
  ];
}
