import type { Route } from './routing.ts';
import type { HttpServices } from './services.ts';

/** `GET /health`: that the daemon answers, and with what. Touches neither disk nor NPU. */
export function healthRoutes({ engine, runtime }: HttpServices): readonly Route[] {
  return [
    {
      path: '/health',
      describes: {
        summary: 'Tells that the daemon is alive, and with which runtime',
        answers: {
          'application/json': {
            status: 'ok',
            runtime: { version: '1.3.1', simulator: false },
            models_loaded: 1,
          },
        },
      },
      methods: {
        get: (_request, response) => {
          const library = runtime();
          response.json({
            status: 'ok',
            runtime: library && { version: library.version, simulator: library.simulator },
            models_loaded: engine.loaded().length,
          });
        },
      },
    },
  ];
}
