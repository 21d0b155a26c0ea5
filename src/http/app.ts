import express, { type Express } from 'express';
import { ApplianceError } from '../errors.ts';
import { Gate } from './access/gate.ts';
import { renderError as renderAdminError, wireError as wireAdminError } from './admin/errors.ts';
import { adminRoutes } from './admin/routes.ts';
import { apiDocsRoutes } from './api-docs/routes.ts';
import { bodyReader } from './body.ts';
import {
  renderError as renderOllamaError,
  wireError as wireOllamaError,
} from './dialects/ollama/errors.ts';
import { ollamaRoutes } from './dialects/ollama/routes.ts';
import {
  renderError as renderOpenaiError,
  wireError as wireOpenaiError,
} from './dialects/openai/errors.ts';
import { openaiPrefixes, openaiRoutes } from './dialects/openai/routes.ts';
import { renderError, wireError } from './dialects/rkllama/errors.ts';
import { rkllamaRoutes } from './dialects/rkllama/routes.ts';
import { healthRoutes, holdUntilStarted } from './health.ts';
import { largeBodyReader } from './large-bodies.ts';
import { Metrics } from './metrics/metrics.ts';
import { requestLog } from './request-log.ts';
import { buildRouter, errorHandler, type RouteGroup } from './routing.ts';
import type { HttpServices } from './services.ts';

export { Doors } from './doors.ts';
export type { Phase } from './health.ts';

export interface HttpOptions {
  /** Largest request body, after decompression. */
  bodyLimitBytes: number;
  /** The same where a body may carry images. */
  imageBodyLimitBytes: number;
  /** Silence on a stream after which a byte is sent, so that nobody takes it for dead. */
  keepAliveMs: number;
}

const defaults: HttpOptions = {
  bodyLimitBytes: 1024 * 1024,
  imageBodyLimitBytes: 32 * 1024 * 1024,
  keepAliveMs: 15_000,
};

/** The whole HTTP side of the daemon over the services handed in; listens to nothing by itself. */
export function createApp(given: HttpServices, options: Partial<HttpOptions> = {}): Express {
  const metrics = new Metrics(given);
  const services = metrics.watched();
  const { bodyLimitBytes, imageBodyLimitBytes, keepAliveMs } = { ...defaults, ...options };
  const rkllama = rkllamaRoutes(services, { keepAliveMs });
  const readBody = bodyReader(bodyLimitBytes);
  const readLargeBody = largeBodyReader(imageBodyLimitBytes);
  const openai = openaiRoutes(services, { keepAliveMs });
  const ollama = ollamaRoutes(services, { keepAliveMs, readLargeBody });
  const admin = adminRoutes(services, { keepAliveMs });
  const appliance = [
    ...healthRoutes(services),
    metrics.route(),
    ...apiDocsRoutes(() => documented),
  ];
  const documented: readonly RouteGroup[] = [
    {
      name: 'RKLLama',
      about: 'Unknown fields are ignored, null counts as left out.',
      error: wireError,
      routes: rkllama,
    },
    {
      name: 'OpenAI',
      about:
        'Set the base URL to /v1. Where the board asks for no API key, any will do. Unknown fields are ignored, null counts as left out.',
      error: wireOpenaiError,
      routes: openai,
    },
    {
      name: 'Ollama',
      about: 'Unknown fields are ignored, null counts as left out.',
      error: wireOllamaError,
      routes: ollama,
    },
    {
      name: 'Administration',
      about:
        'For the owner of the board: over the network only with an API key of scope admin, over the admin socket without.',
      error: wireAdminError,
      routes: admin,
    },
    { name: 'Appliance', about: 'The daemon itself.', error: wireError, routes: appliance },
  ];
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestLog(services.log));
  app.use(metrics.count);
  app.use(holdUntilStarted(services));
  app.use((_request, response, next) => {
    // Model text goes out as text/plain: no browser may guess it to be a page.
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    next();
  });
  // Before RKLLama's, whose /models it answers for OpenAI's own clients.
  const gate = new Gate(services);
  app.use(buildRouter(openai, { gate, readBody: readLargeBody, renderError: renderOpenaiError }));
  app.use(buildRouter([...appliance, ...rkllama], { gate, readBody, renderError }));
  app.use(buildRouter(ollama, { gate, readBody, renderError: renderOllamaError }));
  app.use(buildRouter(admin, { gate, readBody, renderError: renderAdminError }));
  app.use((request) => {
    throw new ApplianceError(
      'route_not_found',
      `There is no ${request.method} ${request.path.slice(0, 200)} here.`,
    );
  });
  app.use([...openaiPrefixes], errorHandler(renderOpenaiError));
  app.use('/admin', errorHandler(renderAdminError));
  app.use(errorHandler(renderError));
  return app;
}
