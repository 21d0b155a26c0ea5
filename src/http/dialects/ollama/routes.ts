import type { RequestHandler } from 'express';
import type { Route } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { chat } from './chat.ts';
import { create } from './create.ts';
import { descriptions } from './descriptions.ts';
import { copy, remove } from './disk.ts';
import { embed, embeddings } from './embed.ts';
import { generate } from './generate.ts';
import { ps, tags, version } from './listing.ts';
import { pull } from './pull.ts';
import { blobMissing, refuseBlob, refusePush } from './refusals.ts';
import { show } from './show.ts';

interface OllamaOptions {
  keepAliveMs: number;
  /** Images come inside the body, a third larger than their files. */
  readLargeBody: RequestHandler;
}

/** Ollama's API. Its `HEAD` routes are Express's; `GET /` is RKLLama's, clients read its status. */
export function ollamaRoutes(
  services: HttpServices,
  { keepAliveMs, readLargeBody }: OllamaOptions,
): readonly Route[] {
  return [
    {
      path: '/api/chat',
      access: 'inference',
      describes: descriptions.chat,
      readBody: readLargeBody,
      methods: { post: chat(services, keepAliveMs) },
    },
    {
      path: '/api/generate',
      access: 'inference',
      describes: descriptions.generate,
      readBody: readLargeBody,
      methods: { post: generate(services, keepAliveMs) },
    },
    {
      path: '/api/embed',
      access: 'inference',
      describes: descriptions.embed,
      methods: { post: embed(services) },
    },
    {
      path: '/api/embeddings',
      access: 'inference',
      describes: descriptions.embeddings,
      methods: { post: embeddings(services) },
    },
    {
      path: '/api/tags',
      access: 'inference',
      describes: descriptions.tags,
      methods: { get: tags(services) },
    },
    {
      path: '/api/ps',
      access: 'inference',
      describes: descriptions.ps,
      methods: { get: ps(services) },
    },
    {
      path: '/api/version',
      access: 'inference',
      describes: descriptions.version,
      methods: { get: version },
    },
    {
      path: '/api/show',
      access: 'inference',
      describes: descriptions.show,
      methods: { post: show(services) },
    },
    {
      path: '/api/pull',
      access: 'admin',
      describes: descriptions.pull,
      methods: { post: pull(services, keepAliveMs) },
    },
    {
      path: '/api/create',
      access: 'admin',
      describes: descriptions.create,
      methods: { post: create(services, keepAliveMs) },
    },
    {
      path: '/api/copy',
      access: 'admin',
      describes: descriptions.copy,
      methods: { post: copy(services) },
    },
    {
      path: '/api/delete',
      access: 'admin',
      describes: descriptions.remove,
      methods: { delete: remove(services) },
    },
    {
      path: '/api/push',
      access: 'admin',
      describes: descriptions.push,
      methods: { post: refusePush },
    },
    {
      path: '/api/blobs/:digest',
      access: 'admin',
      describes: descriptions.blobs,
      // Gigabytes, and refused.
      readBody: (_request, _response, next) => next(),
      methods: { get: blobMissing, post: refuseBlob },
    },
  ];
}
