import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EmbeddingRequest, Embeddings, Ranking } from '../../../src/engine/index.ts';
import { descriptions as admin } from '../../../src/http/admin/descriptions.ts';
import type { OpenApiDocument } from '../../../src/http/api-docs/document.ts';
import { createApp } from '../../../src/http/app.ts';
import { descriptions as ollama } from '../../../src/http/dialects/ollama/descriptions.ts';
import { descriptions as openai } from '../../../src/http/dialects/openai/descriptions.ts';
import { descriptions as rkllama } from '../../../src/http/dialects/rkllama/descriptions.ts';
import type { RouteDescription } from '../../../src/http/route-description.ts';
import { type FakeServices, fakeServices } from '../fakes.ts';
import { routesOf } from '../route-table.ts';

let document: OpenApiDocument;
beforeAll(async () => {
  const app = createApp(fakeServices());
  document = (await request(app).get('/api-docs/openapi.json').expect(200)).body;
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
const bodyOf = ({ operation }: ReturnType<typeof operations>[number]) =>
  operation.requestBody?.content['application/json'];
const propertiesOf = (name: string) => document.components.schemas[name]?.properties ?? {};

describe('GET /api-docs/openapi.json', () => {
  it('is OpenAPI 3.1', () => {
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d+$/),
      info: { title: expect.any(String), version: expect.any(String) },
    });
    const schemaNames = Object.keys(document.components.schemas);
    expect(schemaNames.filter((name) => !/^[A-Za-z0-9._-]+$/.test(name))).toEqual([]);
    for (const { operation } of operations()) {
      expect(operation.summary).not.toBe('');
      expect(Object.keys(operation.responses)).toContain('default');
      for (const { description } of Object.values(operation.responses)) {
        expect(description).not.toBe('');
      }
    }
  });

  it('has every path and method of the app, and no other', () => {
    const documented = operations().map(({ path, method }) => `${method} ${path}`);
    expect(new Set(documented)).toEqual(
      new Set(
        routesOf(createApp(fakeServices())).map(
          ({ method, path }) => `${method} ${path.replace(/[:*](\w+)/g, '{$1}')}`,
        ),
      ),
    );
    expect(documented.length).toBeGreaterThan(60);
  });

  it('has only references that lead somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, reference = ''] of references) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      expect(document.components.schemas, reference).toHaveProperty([name]);
    }
  });

  it('gives each operation a name of its own, and a tag that is told', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { operation } of operations()) {
      expect(operation.tags.filter((tag) => !tags.includes(tag))).toEqual([]);
    }
  });

  it('declares the parameters of every path', () => {
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const told = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(told.map(({ name }) => name)).toEqual(inPath);
      expect(told.filter(({ required }) => !required)).toEqual([]);
    }
    expect(document.paths).toHaveProperty(['/v1/models/{id}', 'get']);
  });

  it('declares what can be asked for in a query, with what it may be', () => {
    const parametersOf = (path: string, method: string) =>
      (document.paths[path]?.[method]?.parameters ?? []).filter(
        ({ in: place }) => place === 'query',
      );
    const optional = { in: 'query', required: false, description: expect.any(String) };
    const yesOrNo = { type: 'string', enum: ['true', 'false', '1', '0', ''] };
    expect(parametersOf('/admin/search', 'get')).toEqual([
      { ...optional, name: 'query', schema: { type: 'string', maxLength: 200, default: '' } },
      {
        ...optional,
        name: 'limit',
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      },
      { ...optional, name: 'all', schema: yesOrNo },
    ]);
    expect(parametersOf('/admin/pulls/{id}', 'delete')).toEqual([
      { ...optional, name: 'delete_partial', schema: yesOrNo },
    ]);
  });

  it('tells which routes need a key, and of whom', () => {
    const at = (path: string, method: string) => document.paths[path]?.[method];
    const keys = [{ bearer: [] }, { header: [] }, { basic: [] }];
    expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'header', 'basic']);
    expect(at('/health', 'get')).toMatchObject({ security: [], 'x-access': 'open' });
    expect(at('/generate', 'post')).toMatchObject({ security: [...keys, {}] });
    expect(at('/rm', 'delete')).toMatchObject({ security: [...keys, {}], 'x-access': 'admin' });
    expect(at('/admin/keys', 'post')).toMatchObject({ security: keys, 'x-access': 'owner' });
  });

  it('names for each other mount of a route the one that stands for all', () => {
    const alias = document.paths['/api/v1/chat/completions']?.['post'];
    expect(alias?.['x-alias-of']).toBe('/v1/chat/completions');
    for (const { method, operation } of operations()) {
      const first = operation['x-alias-of'];
      if (first) expect(document.paths[first]?.[method]).not.toHaveProperty('x-alias-of');
    }
  });

  it('has on a path of two APIs the answers of both', () => {
    const { tags, responses } = document.paths['/models']?.['get'] ?? {};
    expect(tags).toEqual(['RKLLama', 'OpenAI']);
    const examples = responses?.['200']?.content?.['application/json']?.examples;
    expect(Object.keys(examples ?? {})).toEqual(['RKLLama', 'OpenAI']);
  });

  it.each([
    ['/v1/chat/completions', ['application/json', 'text/event-stream']],
    ['/api/chat', ['application/json', 'application/x-ndjson']],
    ['/generate', ['application/json', 'text/plain']],
    ['/pull', ['text/plain']],
    ['/api/copy', []],
  ])('tells in which forms %s answers', (path, types) => {
    const content = document.paths[path]?.['post']?.responses['200']?.content ?? {};
    expect(Object.keys(content)).toEqual(types);
  });

  it('is the same each time', async () => {
    const app = createApp(fakeServices());
    const [first, second] = await Promise.all([
      request(app).get('/api-docs/openapi.json'),
      request(app).get('/api-docs/openapi.json'),
    ]);
    expect(first.body).toEqual(second.body);
  });
});

describe('a request schema', () => {
  it('has a default where the parser has one', () => {
    expect(propertiesOf('ApiOaiV1EmbedsRequest')).toMatchObject({
      max_tokens: {
        anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }],
        default: 510,
        description: expect.any(String),
      },
    });
  });

  it('tells that a text may stand for a list', () => {
    expect(propertiesOf('V1EmbeddingsRequest')).toMatchObject({
      input: { anyOf: [{ type: 'string' }, { type: 'array' }] },
    });
    const messages = JSON.stringify(propertiesOf('GenerateRequest')['messages']);
    expect(messages).toContain('{"anyOf":[{"type":"string"},');
  });

  it('tells what becomes of fields that an NPU cannot honour', () => {
    expect(propertiesOf('V1ChatCompletionsRequest')).toMatchObject({
      logprobs: { description: expect.stringMatching(/^refused: /) },
      seed: { description: expect.stringMatching(/^reported: /) },
    });
  });

  it('has no bound that is only how far numbers go', () => {
    expect(JSON.stringify(document)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it('is required where the parser refuses an empty body', () => {
    const required = (path: string) => document.paths[path]?.['post']?.requestBody?.required;
    expect(required('/v1/chat/completions')).toBe(true);
    expect(required('/unload_model')).toBe(false);
  });
});

const described: (readonly [string, RouteDescription])[] = Object.entries({
  rkllama,
  openai,
  ollama,
  admin,
}).flatMap(([dialect, descriptions]) =>
  Object.entries<RouteDescription>(descriptions).map(
    ([name, description]) => [`${dialect}.${name}`, description] as const,
  ),
);

describe('the example', () => {
  it.each(described.flatMap(([name, { request: body }]) => (body ? [[name, body] as const] : [])))(
    'of %s is what its schema parses',
    (_name, { schema, example }) => {
      expect(schema.safeParse(example)).toMatchObject({ success: true });
    },
  );

  it('is there for every POST that takes a body', () => {
    const without = operations()
      .filter(({ method }) => method === 'post')
      .filter((each) => !bodyOf(each)?.examples)
      .map(({ path }) => path);
    expect(without).toEqual(['/unload_models', '/api/push', '/api/blobs/{digest}']);
  });

  it('is answered as it is told, in every form', async () => {
    for (const { path, method, operation } of operations()) {
      const success = operation.responses['200'];
      if (!success || path.startsWith('/api-docs')) continue;
      const services = servicesFor(path);
      const { secret } = await services.keys.add('model1.rkllm', 'admin');
      const app = createApp(services);
      const url = path.replace('{id}', 'model1.rkllm');
      const example = Object(
        bodyOf({ path, method, operation })?.examples?.['example']?.value ?? {},
      );
      const forms = Object.keys(success.content ?? {});
      const streams = forms.length > 1 ? [true, false] : [undefined];
      for (const stream of streams) {
        const send = z.enum(['get', 'post', 'delete']).parse(method);
        const sent = request(app)[send](url).set('X-Api-Key', secret);
        const body = { ...example, ...(stream !== undefined && { stream }) };
        const answer = method === 'get' ? await sent : await sent.send(body);
        expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(200);
        const form = (stream ? forms.at(-1) : forms[0]) ?? '';
        expect(answer.headers['content-type'] ?? '', `${method} ${path}`).toContain(form);
        if (form !== 'application/json') continue;
        const [told] = Object.values(success.content?.[form]?.examples ?? {});
        expect(keysOf(answer.body), `${method} ${path}`).toEqual(keysOf(told?.value));
      }
    }
  });
});

/** The paths of all fields in a value; a list is told by its first entry. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return keysOf(value[0]).map((key) => `[].${key}`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .flatMap(([key, each]) => [
      key,
      // What a model tells of itself differs from model to model.
      ...(key === 'model_info' ? [] : keysOf(each).map((inner) => `${key}.${inner}`)),
    ])
    .sort();
}

/** Where a model is to be loaded there is none yet; everywhere else the examples' own. */
function servicesFor(path: string): FakeServices {
  const services = fakeServices(...(path === '/load_model' ? [] : ['model1.rkllm']));
  Object.assign(services.catalogue, { create: async () => services.catalogue.find('model1') });
  Object.assign(services.engine, {
    queued: () => [{ model: 'model1', position: 1, waitedMs: 1.5, estimatedWaitMs: null }],
    capabilities: async () => ({ tools: true, thinking: false, images: false }),
    embed: async ({ model, inputs }: EmbeddingRequest): Promise<Embeddings> => ({
      model,
      vectors: inputs.map(() => new Float32Array([0.6, 0.8])),
      promptTokens: 4,
      timings: { queueMs: 0, loadMs: 0, totalMs: 1 },
    }),
    rerank: async ({ model }: { model: string }): Promise<Ranking> => ({
      model,
      results: [{ index: 0, score: 0.98 }],
      promptTokens: 40,
    }),
  });
  return services;
}
