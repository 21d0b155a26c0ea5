import type { Express } from 'express';
import { z } from 'zod';

export interface KnownRoute {
  /** `get`, ... */
  method: string;
  /** As it is written in the code: `/api/blobs/:digest`. */
  path: string;
}

const layer = z.object({
  route: z.object({
    path: z.string(),
    stack: z.array(z.object({ method: z.string().optional() })),
  }),
});

/** Every route that express itself knows, so that none can be forgotten. */
export function routesOf(app: Express): KnownRoute[] {
  const layers = stackOf(app.router);
  const all = [...layers, ...layers.flatMap((each) => stackOf(Reflect.get(each, 'handle')))];
  const found = all.flatMap((each) => {
    const route = layer.safeParse(each).data?.route;
    if (!route) return [];
    const methods = route.stack.flatMap(({ method }) => method ?? []);
    return [...new Set(methods)].map((method) => ({ method, path: route.path }));
  });
  // Two APIs may share a path.
  return found.filter(
    ({ method, path }, index) =>
      found.findIndex((other) => other.method === method && other.path === path) === index,
  );
}

function stackOf(router: unknown): object[] {
  const stack: unknown = Reflect.get(Object(router), 'stack');
  return Array.isArray(stack) ? stack.map(Object) : [];
}
