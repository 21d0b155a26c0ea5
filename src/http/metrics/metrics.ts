import type { Request, RequestHandler } from 'express';
import type { Generation, GenerationEvent } from '../../engine/index.ts';
import { ApplianceError, statusOf } from '../../errors.ts';
import type { Route } from '../routing.ts';
import type { EngineService, HttpServices } from '../services.ts';
import type { Recorder } from './recorder.ts';

/** Nobody was there any more to be told of a status. */
const clientLeft = statusOf('client_closed_request');

/**
 * What Prometheus asks for. Nothing is counted, and prom-client is not even loaded, before it asks
 * for the first time: hardly any board is watched like this.
 */
export class Metrics {
  readonly #services: HttpServices;
  #recorder: Recorder | undefined;

  constructor(services: HttpServices) {
    this.#services = services;
  }

  /** Counts requests by their route. */
  readonly count: RequestHandler = (request, response, next) => {
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : clientLeft;
      this.#recorder?.request(request.method, routeOf(request), status);
    });
    next();
  };

  /** The same services, with an engine that is watched. */
  watched(): HttpServices {
    const { engine } = this.#services;
    const watched: EngineService = {
      load: (name, keepAliveMs) => engine.load(name, keepAliveMs),
      unload: (name) => engine.unload(name),
      current: () => engine.current(),
      loaded: () => engine.loaded(),
      generate: (request, signal) => {
        const generate = () => engine.generate(request, signal);
        return this.#recorder ? watch(this.#recorder, generate) : generate();
      },
      embed: (request, signal) => engine.embed(request, signal),
      rerank: (request, signal) => engine.rerank(request, signal),
      capabilities: (name) => engine.capabilities(name),
      queued: () => engine.queued(),
      prefixStats: () => engine.prefixStats(),
    };
    return { ...this.#services, engine: watched };
  }

  /** `GET /metrics` */
  route(): Route {
    return {
      path: '/metrics',
      access: 'inference',
      describes: {
        summary: 'Counters and gauges for Prometheus',
        notes: 'Counting begins when this is asked for the first time.',
        answers: { 'text/plain': null },
      },
      methods: {
        get: async (_request, response) => {
          const recorder = await this.#begin();
          response.type(recorder.contentType).send(await recorder.text());
        },
      },
    };
  }

  async #begin(): Promise<Recorder> {
    const { Recorder } = await import('./recorder.ts');
    this.#recorder ??= new Recorder(this.#services);
    return this.#recorder;
  }
}

async function watch(recorder: Recorder, generate: () => Promise<Generation>): Promise<Generation> {
  const startedAt = performance.now();
  try {
    const generation = await generate();
    return { ...generation, events: watchEvents(recorder, generation, startedAt) };
  } catch (error) {
    recorder.failure(codeOf(error));
    throw error;
  }
}

async function* watchEvents(
  recorder: Recorder,
  { model, events }: Generation,
  startedAt: number,
): AsyncGenerator<readonly GenerationEvent[]> {
  let hasBegun = false;
  try {
    for await (const batch of events) {
      if (!hasBegun && batch.some((event) => event.type !== 'done' && event.tokens > 0)) {
        hasBegun = true;
        recorder.firstToken(model, (performance.now() - startedAt) / 1000);
      }
      for (const event of batch) if (event.type === 'done') recorder.done(model, event);
      yield batch;
    }
  } catch (error) {
    recorder.failure(codeOf(error));
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof ApplianceError ? error.code : 'internal_error';
}

/** As it is written in the code, so that there are only so many. */
function routeOf({ route }: Request): string {
  const path: unknown = Object(route).path;
  return typeof path === 'string' ? path : 'none';
}
