import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp, type Phase } from '../../src/http/app.ts';
import { fakeServices } from './fakes.ts';

/** An app in a phase of its life, and what ends the start. */
function appIn(phase: Phase) {
  const started = Promise.withResolvers<void>();
  // It may fail before anybody asks.
  started.promise.catch(() => undefined);
  let now = phase;
  const services = {
    ...fakeServices('model1.rkllm'),
    lifecycle: { phase: () => now, started: started.promise },
  };
  const end = (next: Phase) => {
    now = next;
    started.resolve();
  };
  return { app: createApp(services), services, end, fail: started.reject };
}

describe.each(['/health', '/v1/health'])('GET %s', (path) => {
  it('is 200 when requests are answered', async () => {
    const { app } = appIn('ready');
    const { body } = await request(app).get(path).expect(200);
    expect(body).toMatchObject({
      status: 'ok',
      runtime: { version: '1.3.1', simulator: true },
      models_loaded: 1,
    });
    await request(app).head(path).expect(200);
  });

  it.each(['starting', 'loading', 'stopping'] as const)(
    'is 503 with the reason while it is %s',
    async (phase) => {
      const { app } = appIn(phase);
      const { body } = await request(app).get(path).expect(503).expect('Retry-After', /^\d+$/);
      expect(body).toMatchObject({ status: phase, reason: expect.stringMatching(/\.$/) });
      await request(app).head(path).expect(503);
    },
  );

  it('asks neither disk nor NPU', async () => {
    const { app, services } = appIn('ready');
    services.catalogue.models = () => {
      throw new Error('health looked at the disk');
    };
    services.engine.load = () => {
      throw new Error('health woke a model');
    };
    await request(app).get(path).expect(200);
  });

  it('is 200 without a runtime, and says that there is none', async () => {
    const { services } = appIn('ready');
    const app = createApp({ ...services, runtime: () => null });
    const { body } = await request(app).get(path).expect(200);
    expect(body).toMatchObject({ status: 'ok', runtime: null });
  });
});

describe('other routes', () => {
  it('wait for the end of the start, and are answered then', async () => {
    const { app, end } = appIn('starting');
    let isAnswered = false;
    const answer = request(app)
      .get('/models')
      .then((response) => {
        isAnswered = true;
        return response;
      });
    await sleep(50);
    expect(isAnswered).toBe(false);
    end('ready');
    expect((await answer).status).toBe(200);
  });

  it('fail with a start that fails', async () => {
    const { app, fail } = appIn('starting');
    const answer = request(app).get('/models');
    setTimeout(() => fail(new Error('the disk is gone')), 20);
    expect((await answer).status).toBe(500);
  });

  it('are answered while pinned models load', async () => {
    await request(appIn('loading').app).get('/models').expect(200);
  });
});
