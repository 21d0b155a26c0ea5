import type { Route } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { chatCompletions } from './chat.ts';
import { completions } from './completions.ts';
import { descriptions } from './descriptions.ts';
import { embeddings } from './embeddings.ts';
import { embeds } from './embeds.ts';
import { asksForOpenai, listModels, listModelsForBoth, retrieveModel } from './models.ts';
import { rerank } from './rerank.ts';

/** Paths below which nothing but this API lives: what is not found there is told in its shape. */
export const openaiPrefixes = ['/v1', '/api/v1', '/api/oai'];

/** Where the API is mounted: OpenAI's place, and where other servers' clients look for it. */
const mounts = ['/v1', '/api/v1', '/api/oai/v1', '/api/oai', ''];

/** The OpenAI API: the same handlers at every mount. */
export function openaiRoutes(
  services: HttpServices,
  { keepAliveMs }: { keepAliveMs: number },
): readonly Route[] {
  const chat = chatCompletions(services, keepAliveMs);
  const complete = completions(services, keepAliveMs);
  const embed = embeddings(services);
  const rank = rerank(services);
  const list = listModels(services);
  const retrieve = retrieveModel(services);
  const mounted = mounts.flatMap((mount): Route[] => [
    {
      path: `${mount}/chat/completions`,
      access: 'inference',
      describes: descriptions.chat,
      methods: { post: chat },
    },
    {
      path: `${mount}/completions`,
      access: 'inference',
      describes: descriptions.completions,
      methods: { post: complete },
    },
    {
      path: `${mount}/embeddings`,
      access: 'inference',
      describes: descriptions.embeddings,
      methods: { post: embed },
    },
    {
      path: `${mount}/rerank`,
      access: 'inference',
      describes: descriptions.rerank,
      methods: { post: rank },
    },
    {
      path: `${mount}/models/*id`,
      access: 'inference',
      describes: descriptions.model,
      methods: { get: retrieve },
    },
    // Without a prefix, /models is RKLLama's.
    ...(mount === ''
      ? []
      : [
          {
            path: `${mount}/models`,
            access: 'inference' as const,
            describes: descriptions.models,
            methods: { get: list },
          },
        ]),
    ...(mount.startsWith('/api/oai')
      ? [
          {
            path: `${mount}/embeds`,
            access: 'inference' as const,
            describes: descriptions.embeds,
            methods: { post: embeds(services) },
          },
        ]
      : []),
  ]);
  return [
    ...mounted,
    {
      path: '/models',
      access: 'inference',
      describes: descriptions.modelsForBoth,
      methods: { get: listModelsForBoth(services) },
      when: asksForOpenai,
    },
    {
      path: '/api/rerank',
      access: 'inference',
      describes: descriptions.rerank,
      methods: { post: rank },
    },
  ];
}
