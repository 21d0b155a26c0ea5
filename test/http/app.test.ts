import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type FakeServices, fakeServices, recordingLog } from './fakes.ts';

let services: FakeServices;
beforeEach(() => {
  services = fakeServices();
});

describe('every answer', () => {
  it('carries an id, and no hint at the software', async () => {
    const { headers } = await request(createApp(services)).get('/');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('is JSON for a route that does not exist', async () => {
    const response = await request(createApp(services)).get('/nowhere?secret=1').expect(404);
    expect(response.body).toEqual({ error: 'There is no GET /nowhere here.' });
  });

  it('is in the shape of the API below whose path nothing was found', async () => {
    const app = createApp(services);
    const words = 'There is no GET /admin/nowhere here.';
    expect((await request(app).get('/admin/nowhere').expect(404)).body).toEqual({
      error: words,
      code: 'route_not_found',
    });
    expect((await request(app).get('/v1/nowhere').expect(404)).body).toMatchObject({
      error: { code: 'route_not_found', param: null },
    });
    expect((await request(app).get('/api/nowhere').expect(404)).body).toEqual({
      error: 'There is no GET /api/nowhere here.',
    });
  });

  it.each([
    ['get', '/generate', 'POST, OPTIONS'],
    ['put', '/models', 'GET, HEAD, OPTIONS'],
    ['patch', '/rm', 'POST, DELETE, OPTIONS'],
    ['get', '/load_model', 'POST, OPTIONS'],
    ['delete', '/', 'GET, HEAD, OPTIONS'],
    ['post', '/health', 'GET, HEAD, OPTIONS'],
  ] as const)('to %s %s is 405 and allows %s', async (method, path, allow) => {
    const agent = request(createApp(services));
    const response = await agent[method](path).expect(405).expect('Allow', allow);
    expect(response.body).toEqual({
      error: `${method.toUpperCase()} is not possible on ${path}. Allowed: ${allow}.`,
    });
  });

  it('to HEAD has the headers of GET and no body', async () => {
    const response = await request(createApp(services)).head('/models').expect(200);
    expect(response.headers['content-type']).toContain('application/json');
    expect(response.text).toBeUndefined();
  });

  it('to OPTIONS names the methods', async () => {
    await request(createApp(services))
      .options('/rm')
      .expect(204)
      .expect('Allow', /POST, DELETE/);
  });
});

describe('GET /health', () => {
  it('tells what answers', async () => {
    const response = await request(createApp(services)).get('/health').expect(200);
    expect(response.body).toEqual({
      status: 'ok',
      runtime: { version: '1.3.1', simulator: true },
      models_loaded: 0,
    });
  });

  it('says null when there is no runtime', async () => {
    const app = createApp({ ...services, runtime: () => null });
    expect((await request(app).get('/health').expect(200)).body.runtime).toBeNull();
  });
});

describe('the request log', () => {
  it('has one line per request with its id, and neither prompt nor answer', async () => {
    const { log, lines } = recordingLog();
    const live = { ...fakeServices('model1.rkllm'), log };
    const response = await request(createApp(live))
      .post('/generate?note=in-the-url')
      .send({ messages: 'my darkest secret' });
    await expect.poll(() => lines.length).toBe(1);
    expect(JSON.parse(lines.join(''))).toMatchObject({
      msg: 'request',
      requestId: response.headers['x-request-id'],
      method: 'POST',
      path: '/generate',
      status: 200,
      clientLeft: false,
    });
    expect(lines.join('')).not.toMatch(/darkest|Hello|in-the-url/);
  });

  it('has the details of a defect, and the client has not', async () => {
    const { log, lines } = recordingLog();
    const broken = fakeServices();
    broken.engine.loaded = () => {
      throw new TypeError('inside knowledge');
    };
    const response = await request(createApp({ ...broken, log }))
      .get('/current_models')
      .expect(500);
    expect(response.body).toEqual({
      error: 'Something went wrong inside rkllamad; its log has the details.',
    });
    expect(lines.join('')).toContain('inside knowledge');
  });
});
