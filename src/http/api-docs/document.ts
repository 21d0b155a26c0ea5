import type { z } from 'zod';
import type { Access } from '../access/access.ts';
import type { Examples, RouteDescription } from '../route-description.ts';
import type { Route, RouteGroup } from '../routing.ts';
import { type JsonSchema, jsonSchema, requestSchema } from './request-schema.ts';

/** As much of OpenAPI 3.1 as is written here. */
export interface OpenApiDocument {
  openapi: '3.1.1';
  info: { title: string; version: string; summary: string; license: object };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    securitySchemes: Record<string, object>;
  };
}

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, MediaTypeObject> };
  responses: Record<string, Response>;
  /** An empty entry: it may be left out. */
  security: Record<string, []>[];
  /** Who may: see docs/SECURITY.md. */
  'x-access': Access;
  /** The same handler at another path, which has the whole description in the viewer. */
  'x-alias-of'?: string;
  /** A try would delete something. */
  'x-destroys'?: true;
}

interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

interface Response {
  description: string;
  content?: Record<string, MediaTypeObject>;
}

interface MediaTypeObject {
  schema: JsonSchema;
  examples?: Record<string, { value: unknown }>;
}

/** The OpenAPI description of the whole app, out of what its routes tell of themselves. */
export function openApiDocument(groups: readonly RouteGroup[]): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {};
  const names = new Map<z.ZodType, string>();
  const firstPaths = new Map<RouteDescription, string>();
  const paths: OpenApiDocument['paths'] = {};

  function requestRef(path: string, request: NonNullable<RouteDescription['request']>): JsonSchema {
    const name = names.get(request.schema) ?? `${pascalCase(path)}Request`;
    names.set(request.schema, name);
    schemas[name] ??= requestSchema(request);
    return refTo(name);
  }

  for (const { name: tag, error, routes } of groups) {
    schemas[`${tag}Error`] = jsonSchema(error);
    for (const route of [...routes].sort(conditionalLast)) {
      const path = documentedPath(route.path);
      paths[path] ??= {};
      for (const [method, { query }] of Object.entries(route.methods)) {
        const describes = (method === 'post' && route.describesPost) || route.describes;
        const first = firstPaths.get(describes) ?? path;
        firstPaths.set(describes, first);
        const operation = operationOf(method, path, tag, route.access, describes);
        const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
        if (parameters.length > 0) operation.parameters = parameters;
        if (first !== path) operation['x-alias-of'] = first;
        const { request } = describes;
        if (request) operation.requestBody = requestBody(requestRef(first, request), request);
        const other = paths[path][method];
        paths[path][method] = other ? joined(other, operation) : operation;
      }
    }
  }

  return {
    openapi: '3.1.1',
    info: {
      title: 'rkllamad',
      version: '1',
      summary: 'Language models on a Rockchip NPU: the RKLLama, OpenAI and Ollama APIs',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: groups.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: { schemas, securitySchemes },
  };
}

function operationOf(
  method: string,
  path: string,
  tag: string,
  access: Access,
  describes: RouteDescription,
): Operation {
  const { summary, notes, answers, failures = {}, destroys } = describes;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(notes && { description: notes }),
    responses: {
      ...(answers && { '200': { description: 'Success', ...contentOf(answers, tag) } }),
      default: {
        description: 'Failure',
        content: {
          'application/json': { schema: refTo(`${tag}Error`) },
          ...contentOf(failures, tag).content,
        },
      },
    },
    security: securityOf(access),
    'x-access': access,
    ...(destroys && { 'x-destroys': destroys }),
  };
}

function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject): Parameter[] {
  const { properties = {}, required = [] } = jsonSchema(query);
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    const { description, ...schema } = property;
    const told = description === undefined ? {} : { description };
    return [{ name, in: 'query' as const, required: required.includes(name), ...told, schema }];
  });
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key of this board' },
  header: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The same' },
  basic: { type: 'http', scheme: 'basic', description: 'The same, as the password of any user' },
};

function securityOf(access: Access): Record<string, []>[] {
  if (access === 'open') return [];
  const withKey: Record<string, []>[] = [{ bearer: [] }, { header: [] }, { basic: [] }];
  // Where the board has no keys.
  return access === 'owner' ? withKey : [...withKey, {}];
}

function requestBody(
  schema: JsonSchema,
  { schema: parser, example }: NonNullable<RouteDescription['request']>,
): NonNullable<Operation['requestBody']> {
  return {
    required: !parser.safeParse({}).success,
    content: { 'application/json': { schema, examples: { example: { value: example } } } },
  };
}

function contentOf(examples: Examples, tag: string): Pick<Response, 'content'> {
  const types = Object.entries(examples);
  if (types.length === 0) return {};
  return {
    content: Object.fromEntries(
      types.map(([type, value]): [string, MediaTypeObject] => [
        type,
        {
          schema: { type: type === 'application/json' ? 'object' : 'string' },
          ...(value !== null && { examples: { [tag]: { value } } }),
        },
      ]),
    ),
  };
}

/** Two APIs on one path, told apart by the request: one operation, with the answers of both. */
function joined(usual: Operation, conditional: Operation): Operation {
  const responses = { ...usual.responses };
  for (const [status, { description, content = {} }] of Object.entries(conditional.responses)) {
    const merged = { ...responses[status]?.content };
    for (const [type, { schema, examples }] of Object.entries(content)) {
      const known = merged[type];
      merged[type] = {
        schema:
          known && !isEqual(known.schema, schema) ? { anyOf: [known.schema, schema] } : schema,
        ...((known?.examples || examples) && { examples: { ...known?.examples, ...examples } }),
      };
    }
    responses[status] = { description, content: merged };
  }
  const sentences = [usual.description, conditional.summary].filter(Boolean);
  return {
    ...usual,
    tags: [...usual.tags, ...conditional.tags],
    description: `${sentences.join(' ')}.`,
    responses,
  };
}

function isEqual(one: JsonSchema, other: JsonSchema): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Express's `:name` and `*name` in the words of OpenAPI. */
function documentedPath(path: string): string {
  return path.replace(/[:*](\w+)/g, '{$1}');
}

function operationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? ['root'];
  return [method, ...words].join('_');
}

function pascalCase(path: string): string {
  const words = path.match(/[A-Za-z0-9]+/g) ?? ['root'];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** A route with a condition has the second word about its path. */
function conditionalLast(one: Route, other: Route): number {
  return Number(one.when !== undefined) - Number(other.when !== undefined);
}
