import request, { type Test } from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../src/errors.ts';
import { createApp } from '../../../src/http/app.ts';
import type { BegunPull, SearchOptions } from '../../../src/library/index.ts';
import { type FakeServices, fakeServices } from '../fakes.ts';

let services: FakeServices;
let secret: string;
beforeEach(async () => {
  services = fakeServices('model1.rkllm');
  ({ secret } = await services.keys.add('owner', 'admin'));
});

const agent = (keepAliveMs = 15_000) => request(createApp(services, { keepAliveMs }));
const owner = (test: Test) => test.set('X-Api-Key', secret);
const get = (path: string) => owner(agent().get(path));
const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('GET /admin/status', () => {
  it('tells of the daemon, its models, its queue, pulls and keys', async () => {
    services.engine.queued = () => [
      { model: 'model1.rkllm', position: 1, waitedMs: 350.4, estimatedWaitMs: null },
    ];
    const { body } = await get('/admin/status').expect(200);
    expect(body).toMatchObject({
      version: '0.1.0',
      pid: process.pid,
      started_at: '2026-01-12T10:00:00.000Z',
      listening: ['http://127.0.0.1:8080', 'unix:/run/rkllamad/admin.sock'],
      runtime: { path: '/usr/lib/librkllmrt.so', version: '1.3.1', simulator: true },
      board: { platform: null, npu_present: false, temperatures: [{ celsius: 54.5 }] },
      models: [{ name: 'model1.rkllm', state: 'ready', size_bytes: 1_000_000, expires_at: null }],
      queue: [{ model: 'model1.rkllm', position: 1, waited_ms: 350, estimated_wait_ms: null }],
      pulls: [{ id: 'model1/model1.rkllm', bytes_per_second: 100, seconds_left: 10, error: null }],
      keys: { required: true, count: 1 },
      prefix_store: { entries: 3, prompt_tokens: 100, tokens_from_memory: 60, hits: 2 },
      restart_needed: [],
    });
    expect(body.memory.daemon_rss_bytes).toBeGreaterThan(1024 ** 2);
  });

  it('says null where there is no runtime', async () => {
    const { appliance } = services;
    services.appliance = async () => ({ ...(await appliance()), runtime: null });
    expect((await get('/admin/status').expect(200)).body.runtime).toBeNull();
  });

  it('loads nothing', async () => {
    await get('/admin/status').expect(200);
    expect(services.engine.loads).toEqual([]);
  });
});

describe('POST /admin/pulls', () => {
  const pull = (body: object, keepAliveMs?: number) =>
    owner(agent(keepAliveMs).post('/admin/pulls')).send(body);

  it('tells the pull line by line, as it is and as it goes on', async () => {
    const { headers, text } = await pull({ reference: 'user/repo', name: 'mine', revision: null });
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect(lines(text)).toMatchObject([
      { event: 'pull', id: 'model1/model1.rkllm', state: 'running', received_bytes: 10 },
      { event: 'start', size_bytes: 1000, resumed_bytes: 10 },
      { event: 'verifying', file: 'model1.rkllm' },
      { event: 'done', name: 'model1', path: '/models/model1/model1.rkllm' },
    ]);
    expect(services.puller.asked).toMatchObject([{ reference: 'user/repo', name: 'mine' }]);
  });

  it.each([[{}], [{ reference: 7 }], [{ reference: 'a/b', name: ['x'] }]])(
    'refuses %j',
    async (body) => {
      expect((await pull(body).expect(400)).body).toMatchObject({ code: 'invalid_request' });
      expect(services.puller.asked).toEqual([]);
    },
  );

  it('tells a failure before the first line with a status of its own', async () => {
    services.puller.begin = async () => {
      throw new ApplianceError('queue_full', 'Four pulls are running.', { retryAfterSeconds: 60 });
    };
    const { body, headers } = await pull({ reference: 'a/b' }).expect(503);
    expect(body).toEqual({ error: 'Four pulls are running.', code: 'queue_full' });
    expect(headers['retry-after']).toBe('60');
  });

  it('tells a later failure as the last line', async () => {
    services.puller.begin = async () =>
      begun(async function* () {
        yield { type: 'verifying', file: 'a.rkllm' };
        throw new ApplianceError('insufficient_storage', 'The disk is full.');
      });
    const { text } = await pull({ reference: 'a/b' }).expect(200);
    expect(lines(text).at(-1)).toEqual({
      event: 'error',
      code: 'insufficient_storage',
      error: 'The disk is full.',
    });
  });

  it('shows that it lives while nothing happens', async () => {
    services.puller.begin = async () =>
      begun(async function* () {
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield { type: 'done', name: 'a', path: '/a' };
      });
    const { text } = await pull({ reference: 'a/b' }, 20).expect(200);
    expect(lines(text)).toContainEqual({ event: 'waiting' });
    expect(lines(text).at(-1)).toMatchObject({ event: 'done' });
  });

  function begun(events: () => BegunPull['events']): BegunPull {
    const status = services.puller.pulls()[0];
    if (!status) throw new Error('the fake has a pull');
    return { status, events: events() };
  }
});

describe('a pull that runs', () => {
  const id = encodeURIComponent('model1/model1.rkllm');

  it('is followed by its id, which has a slash', async () => {
    const asked: string[] = [];
    const { follow } = services.puller;
    services.puller.follow = (reference) => {
      asked.push(reference);
      return follow(reference);
    };
    const { text } = await get(`/admin/pulls/${id}/events`).expect(200);
    expect(asked).toEqual(['model1/model1.rkllm']);
    expect(lines(text)).toHaveLength(4);
  });

  it.each([
    ['', false],
    ['?delete_partial=false', false],
    ['?delete_partial=true', true],
    ['?delete_partial', true],
  ])('is cancelled with %j', async (query, deleted) => {
    const { body } = await owner(agent().delete(`/admin/pulls/${id}${query}`)).expect(200);
    expect(body).toEqual({
      id: 'model1/model1.rkllm',
      state: 'cancelled',
      partial_deleted: deleted,
    });
    expect(services.puller.cancelled).toEqual(['model1/model1.rkllm']);
  });

  it('is neither when there is none', async () => {
    for (const test of [
      get('/admin/pulls/gone/events'),
      owner(agent().delete('/admin/pulls/gone')),
    ]) {
      expect((await test.expect(404)).body).toMatchObject({ code: 'pull_not_found' });
    }
  });

  it('is not deleted for a query that is not understood', async () => {
    await owner(agent().delete(`/admin/pulls/${id}?delete_partial=perhaps`)).expect(400);
    expect(services.puller.cancelled).toEqual([]);
  });
});

describe('GET /admin/search', () => {
  it('passes on what is looked for', async () => {
    const asked: SearchOptions[] = [];
    const { search } = services.puller;
    services.puller.search = (query, options = {}) => {
      asked.push(options);
      return search(query);
    };
    const { body } = await get('/admin/search?query=qwen%203&limit=5&all=true').expect(200);
    expect(body.results).toMatchObject([
      { reference: 'user/qwen 3/model1.rkllm', size_bytes: 1000, updated_at: expect.any(String) },
    ]);
    expect(body.results[0]).not.toHaveProperty('sizeBytes');
    expect(asked).toMatchObject([{ limit: 5, includeMisfits: true }]);
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'all=perhaps', 'query=a&query=b'])(
    'refuses ?%s',
    async (query) => {
      const { body } = await get(`/admin/search?${query}`).expect(400);
      expect(body).toEqual({
        code: 'invalid_request',
        error: expect.stringMatching(/^(limit|all|query): /),
      });
    },
  );
});

describe('API keys', () => {
  it('are listed without their secrets', async () => {
    const { body } = await get('/admin/keys').expect(200);
    expect(body).toEqual({
      required: true,
      keys: [
        {
          id: 'key_owner',
          name: 'owner',
          scope: 'admin',
          created_at: '2026-01-12T10:00:00.000Z',
          last_used_at: null,
        },
      ],
    });
  });

  it('are shown at their making, and are of scope inference unless told', async () => {
    const { body } = await owner(agent().post('/admin/keys')).send({ name: 'phone' }).expect(200);
    expect(body).toMatchObject({ name: 'phone', scope: 'inference', key: 'rk-secret-of-phone' });
    await agent().get('/models').set('X-Api-Key', body.key).expect(200);
  });

  it.each([[{}], [{ name: 'a', scope: 'root' }], [{ name: 5 }], [{ name: 'a'.repeat(65) }]])(
    'are not made of %j',
    async (body) => {
      await owner(agent().post('/admin/keys')).send(body).expect(400);
      expect(services.keys.list()).toHaveLength(1);
    },
  );

  it('open nothing once they are revoked', async () => {
    const { secret: phone } = await services.keys.add('phone', 'inference');
    const { body } = await owner(agent().delete('/admin/keys/phone')).expect(200);
    expect(body).toEqual({ id: 'key_phone', name: 'phone', remaining: 1 });
    await agent().get('/models').set('X-Api-Key', phone).expect(401);
    await owner(agent().delete('/admin/keys/phone')).expect(404);
  });
});
