import express, { type Express } from 'express';
import { ApplianceError } from '../errors.ts';
import { bodyReader } from './body.ts';
import { renderError as renderOllamaError } from './dialects/ollama/errors.ts';
import { ollamaRoutes } from './dialects/ollama/routes.ts';
import { renderError as renderOpenaiError } from './dialects/openai/errors.ts';
import { openaiPrefixes, openaiRoutes } from './dialects/openai/routes.ts';
import { renderError } from './dialects/rkllama/errors.ts';
import { rkllamaRoutes } from './dialects/rkllama/routes.ts';
import { healthRoutes } from './health.ts';
import { requestLog } from './request-log.ts';
import { buildRouter, errorHandler } from './routing.ts';
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
  const routes = [...healthRoutes(services), ...rkllamaRoutes(services, { keepAliveMs })];
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
  const openai = openaiRoutes(services, { keepAliveMs });
  app.use(buildRouter(openai, bodyReader(imageBodyLimitBytes), renderOpenaiError));
  app.use(buildRouter(routes, bodyReader(bodyLimitBytes), renderError));
  const ollama = ollamaRoutes(services, { keepAliveMs });
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
