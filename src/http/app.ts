import express, { type Express } from 'express';
import { ApplianceError } from '../errors.ts';
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
import { healthRoutes } from './health.ts';
import { requestLog } from './request-log.ts';
import { buildRouter, errorHandler, type RouteGroup } from './routing.ts';
import type { HttpServices } from './services.ts';

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
export function createApp(services: HttpServices, options: Partial<HttpOptions> = {}): Express {
  const { bodyLimitBytes, imageBodyLimitBytes, keepAliveMs } = { ...defaults, ...options };
  const rkllama = rkllamaRoutes(services, { keepAliveMs });
  const openai = openaiRoutes(services, { keepAliveMs });
  const ollama = ollamaRoutes(services, { keepAliveMs });
  const appliance = [...healthRoutes(services), ...apiDocsRoutes(() => documented)];
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
        'Set the base URL to /v1. Any API key, or none. Unknown fields are ignored, null counts as left out.',
      error: wireOpenaiError,
      routes: openai,
    },
    {
      name: 'Ollama',
      about: 'Unknown fields are ignored, null counts as left out.',
      error: wireOllamaError,
      routes: ollama,
    },
    { name: 'Appliance', about: 'The daemon itself.', error: wireError, routes: appliance },
  ];
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestLog(services.log));
  app.use((_request, response, next) => {
    // Model text goes out as text/plain: no browser may guess it to be a page.
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    next();
  });
  // Before RKLLama's, whose /models it answers for OpenAI's own clients.
  app.use(buildRouter(openai, bodyReader(imageBodyLimitBytes), renderOpenaiError));
  app.use(buildRouter([...appliance, ...rkllama], bodyReader(bodyLimitBytes), renderError));
  app.use(buildRouter(ollama, bodyReader(bodyLimitBytes), renderOllamaError));
  app.use((request) => {
    throw new ApplianceError(
      'route_not_found',
      `There is no ${request.method} ${request.path.slice(0, 200)} here.`,
    );
  });
  app.use([...openaiPrefixes], errorHandler(renderOpenaiError));
  app.use(errorHandler(renderError));
  return app;
}
