import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';

const logs = new WeakMap<Response, Logger>();
const longestPath = 200;
/** Asked every few seconds by whoever watches. */
const quietPaths: ReadonlySet<string> = new Set(['/health', '/v1/health']);

/**
 * Gives each request an id (`X-Request-Id` in the answer) and a logger, and writes one line when
 * it is over. Neither query strings nor bodies are logged: prompts and answers stay private.
 */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    const requestLogger = log.child({ requestId });
    const { method, path } = request;
    logs.set(response, requestLogger);
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const record = {
        method,
        path: path.slice(0, longestPath),
        status: response.headersSent ? response.statusCode : undefined,
        durationMs: Math.round(performance.now() - startedAt),
        clientLeft: !response.writableFinished,
      };
      if (quietPaths.has(path)) logOf(response).debug(record, 'request');
      else logOf(response).info(record, 'request');
    });
    next();
  };
}

/** The logger of the request that `response` answers. */
export function logOf(response: Response): Logger {
  const log = logs.get(response);
  if (!log) throw new Error('the request log must stand before every route');
  return log;
}

/** Everything that is logged of this request from now on says whose it is. */
export function noteKey(response: Response, id: string): void {
  logs.set(response, logOf(response).child({ key: id }));
}

/** Logs nothing more of this request but defects: it is one of too many. */
export function quieten(response: Response): void {
  logs.set(response, logOf(response).child({}, { level: 'error' }));
}
