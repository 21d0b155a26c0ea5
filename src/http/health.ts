import type { RequestHandler, Response } from 'express';
import type { Route } from './routing.ts';
import type { HttpServices } from './services.ts';

/** How far the appliance is in its life. */
export type Phase = 'starting' | 'loading' | 'ready' | 'stopping';

export interface Lifecycle {
  phase(): Phase;
  /** Resolves when the start is over, and routes other than health can answer. */
  readonly started: Promise<void>;
}

const paths = ['/health', '/v1/health'];
const reasons: Record<Exclude<Phase, 'ready'>, string> = {
  starting: 'The models folder is being read.',
  loading: 'The pinned models are being loaded.',
  stopping: 'The appliance is shutting down.',
};
const retryAfterSeconds = 2;

/**
 * Whether requests are answered now: 200, or 503 with the reason. Touches neither disk nor NPU. A
 * model that is loaded on demand is 200: requests for it wait and are answered.
 */
export function healthRoutes(services: HttpServices): readonly Route[] {
  return paths.map((path) => ({
    path,
    access: 'open',
    describes: {
      summary:
        'Tells that requests are answered, and with which runtime; 503 while it starts or stops',
      answers: {
        'application/json': {
          status: 'ok',
          runtime: { version: '1.3.1', simulator: false },
          models_loaded: 1,
        },
      },
    },
    methods: { get: (_request, response) => answer(services, response) },
  }));
}

/** Keeps requests that come during the start until it is over; health answers meanwhile. */
export function holdUntilStarted({ lifecycle }: HttpServices): RequestHandler {
  return ({ path }, _response, next) => {
    if (lifecycle.phase() !== 'starting' || paths.includes(path)) next();
    else lifecycle.started.then(() => next(), next);
  };
}

function answer({ lifecycle, runtime, engine }: HttpServices, response: Response): void {
  const phase = lifecycle.phase();
  const library = runtime();
  const facts = {
    runtime: library && { version: library.version, simulator: library.simulator },
    models_loaded: engine.loaded().length,
  };
  if (phase === 'ready') {
    response.json({ status: 'ok', ...facts });
    return;
  }
  response.set('Retry-After', String(retryAfterSeconds));
  response.status(503).json({ status: phase, reason: reasons[phase], ...facts });
}
