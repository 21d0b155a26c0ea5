import type { Route } from './routing.ts';
import type { HttpServices } from './services.ts';

/** `GET /health`: that the daemon answers, and with what. Touches neither disk nor NPU. */
export function healthRoutes({ engine, runtime }: HttpServices): readonly Route[] {
  return [
    {
      path: '/health',
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
