import {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import type { z } from 'zod';
import { ApplianceError } from '../errors.ts';
import type { Access } from './access/access.ts';
import type { Gate } from './access/gate.ts';
import { toApplianceError } from './errors.ts';
import { logOf } from './request-log.ts';
import type { RouteDescription } from './route-description.ts';

type Method = 'get' | 'post' | 'delete';

/** A thin handler: parse, one service call, render. What it throws, its dialect renders. */
export interface Handler {
  (request: Request, response: Response): void | Promise<void>;
  /** What it takes from the query, if anything. */
  query?: z.ZodObject;
}

export interface Route {
  path: string;
  access: Access;
  methods: Partial<Record<Method, Handler>>;
  describes: RouteDescription;
  /** Where POST is another matter than the rest. */
  describesPost?: RouteDescription;
  /** In place of the router's own; for bodies that are larger than others. */
  readBody?: RequestHandler;
  /** Leaves the request to whoever shares the path; left out: it is always meant. */
  when?: (request: Request) => boolean;
}

/** The routes of one API, for its readers. */
export interface RouteGroup {
  name: string;
  about: string;
  /** The body of a failure. */
  error: z.ZodType;
  routes: readonly Route[];
}

/** Writes `error` in a dialect's shape; called only while no byte has been sent. */
export type ErrorRenderer = (error: ApplianceError, response: Response) => void;

interface RouterOptions {
  gate: Gate;
  readBody: RequestHandler;
  renderError: ErrorRenderer;
}

/** The router of one dialect: its routes, a 405 for their other methods, errors in its shape. */
export function buildRouter(
  routes: readonly Route[],
  { gate, readBody, renderError }: RouterOptions,
): Router {
  const router = Router();
  for (const { path, access, methods, readBody: read = readBody, when } of routes) {
    const route = router.route(path);
    if (when) route.all((request, _response, next) => next(when(request) ? undefined : 'route'));
    route.all(gate.guard(access));
    const { get, post, delete: remove } = methods;
    if (get) route.get(get);
    if (post) route.post(read, post);
    if (remove) route.delete(read, remove);
    route.all(otherMethods(methods, gate));
  }
  router.use(errorHandler(renderError));
  return router;
}

/** The last stop of every error. Once bytes are out, all that is left is to cut the connection. */
export function errorHandler(renderError: ErrorRenderer): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    const error = toApplianceError(thrown, logOf(response));
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (error.retryAfterSeconds !== undefined) {
      response.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)));
    }
    renderError(error, response);
  };
}

function otherMethods(methods: Route['methods'], gate: Gate): Handler {
  const names = Object.keys(methods).map((name) => name.toUpperCase());
  const allow = [...names, ...(methods.get ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    response.set('Allow', allow);
    if (request.method === 'OPTIONS' && gate.preflight(request, response, allow)) return;
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw new ApplianceError(
      'method_not_allowed',
      `${request.method} is not possible on ${request.path}. Allowed: ${allow}.`,
    );
  };
}
