/** Who gets in: over every route that the app has, as express itself lists them. */
import request, { type Test } from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import type { SecuritySettings } from '../../src/http/services.ts';
import { type FakeServices, fakeServices, recordingLog } from './fakes.ts';
import { LiveServer } from './live-server.ts';
import { type KnownRoute, routesOf } from './route-table.ts';

const routes = routesOf(createApp(fakeServices()));
const isOpen = ({ path }: KnownRoute) => path === '/health' || path === '/v1/health';
const isOwners = ({ path }: KnownRoute) => path.startsWith('/admin/');
/** Beside the owner's: what changes the disk. A new route that does belongs into this list. */
const adminPaths = [
  '/pull',
  '/rm',
  '/api/pull',
  '/api/create',
  '/api/copy',
  '/api/delete',
  '/api/push',
  '/api/blobs/:digest',
];
const needsAdmin = (route: KnownRoute) => isOwners(route) || adminPaths.includes(route.path);
const closed = routes.filter((route) => !isOpen(route));
const named = (list: readonly KnownRoute[]) =>
  list.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

let services: FakeServices;
let settings: SecuritySettings;
beforeEach(() => {
  settings = { allowedHosts: [], corsOrigins: ['https://chat.example.org'], requestsPerClient: 0 };
  services = { ...fakeServices('model1.rkllm'), security: () => settings };
});

function ask({ method, path }: KnownRoute, headers: Record<string, string> = {}): Test {
  const url = path.replace(/[:*]\w+/g, 'model1.rkllm');
  const send = z.enum(['get', 'post', 'delete']).parse(method);
  return request(createApp(services))[send](url).set(headers);
}

/** What a refused request must not have done. */
function expectUntouched(): void {
  expect(services.engine.requests).toEqual([]);
  expect(services.engine.loads).toEqual([]);
  expect(services.engine.models).toHaveLength(1);
  expect(services.catalogue.names).toHaveLength(3);
  expect(services.puller.asked).toEqual([]);
  expect(services.puller.cancelled).toEqual([]);
}

const openaiPaths =
  /^\/(v1|api\/v1|api\/oai)\/|^\/api\/rerank$|^\/((chat\/)?completions|embeddings|rerank|models\/.*)$/;

/** An error as its API writes it. */
function expectShape(path: string, body: unknown): void {
  const words = expect.stringMatching(/\w+ \w+/);
  const code = expect.any(String);
  // Shared by two APIs: it depends on who asks.
  if (path === '/models') return;
  if (path.startsWith('/admin/')) expect(body).toEqual({ error: words, code });
  else if (openaiPaths.test(path) && path !== '/v1/health') {
    const error = { message: words, type: 'invalid_request_error', param: null, code };
    expect(body).toEqual({ error });
  } else expect(body).toEqual({ error: words });
}

it('knows the routes', () => {
  expect(routes.length).toBeGreaterThan(60);
  expect(routes.filter(isOpen)).toHaveLength(2);
  expect(routes.filter(isOwners).length).toBeGreaterThan(8);
  for (const path of adminPaths) expect(routes.map((route) => route.path)).toContain(path);
});

describe('on a board with keys', () => {
  let admin: string;
  let inference: string;
  beforeEach(async () => {
    admin = (await services.keys.add('owner', 'admin')).secret;
    inference = (await services.keys.add('phone', 'inference')).secret;
  });

  it.each(named(routes.filter(isOpen)))('%s is open', async (_name, route) => {
    await ask(route).expect(200);
    await ask(route, { Authorization: 'Bearer rk-wrong' }).expect(200);
  });

  it.each(named(closed))('%s is closed without a key', async (_name, route) => {
    const { body, headers } = await ask(route).expect(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer /);
    expectShape(route.path, body);
    expectUntouched();
  });

  it.each(named(closed))('%s is closed for what is no key', async (_name, route) => {
    await services.keys.add('lost', 'admin');
    await services.keys.revoke('lost');
    const attempts: Record<string, string>[] = [
      { Authorization: 'Bearer rk-wrong' },
      { Authorization: 'Bearer rk-secret-of-lost' },
      { Authorization: `Bearer ${admin}x` },
      { Authorization: `Bearer ${admin.slice(0, -1)}` },
      { Authorization: admin },
      { Authorization: `Digest ${admin}` },
      { Authorization: 'Bearer ' },
      { Authorization: 'Basic !!!' },
      { Authorization: `Basic ${Buffer.from(`${admin}:`).toString('base64')}` },
      { 'X-Api-Key': 'rk-secret-of-lost' },
      { Cookie: `key=${admin}` },
    ];
    for (const headers of attempts) {
      const { body } = await ask(route, headers).expect(401);
      expectShape(route.path, body);
      expect(JSON.stringify(body)).not.toContain('rk-secret');
    }
    await ask({ ...route, path: `${route.path}?key=${admin}&api_key=${admin}` }).expect(401);
    expectUntouched();
  });

  it.each(named(closed.filter((route) => !needsAdmin(route))))(
    '%s is open for every key, in each place for it',
    async (_name, route) => {
      for (const secret of [inference, admin]) {
        for (const headers of [
          { Authorization: `Bearer ${secret}` },
          { Authorization: `bearer ${secret}` },
          { 'X-Api-Key': secret },
          { Authorization: `Basic ${Buffer.from(`any:${secret}`).toString('base64')}` },
          { Authorization: 'Bearer something-else', 'X-Api-Key': secret },
        ]) {
          const { status } = await ask(route, headers);
          expect([401, 403]).not.toContain(status);
        }
      }
    },
  );

  it.each(named(routes.filter(needsAdmin)))('%s is for admins', async (_name, route) => {
    const { body } = await ask(route, { Authorization: `Bearer ${inference}` }).expect(403);
    expectShape(route.path, body);
    expect(JSON.stringify(body)).toContain('phone');
    expectUntouched();
    const { status } = await ask(route, { 'X-Api-Key': admin });
    expect([401, 403]).not.toContain(status);
  });

  it('says in the log whose key it was', async () => {
    const { log, lines } = recordingLog();
    services = { ...services, log };
    await ask({ method: 'get', path: '/models' }, { 'X-Api-Key': inference }).expect(200);
    await expect.poll(() => lines.join('')).toContain('"key":"key_phone"');
    expect(lines.join('')).not.toContain(inference);
  });

  it.each(['/generate', '/v1/chat/completions', '/v1/completions'])(
    'is fair in %s between keys, and not between the addresses of a proxy',
    async (path) => {
      const body = {
        model: 'model1.rkllm',
        messages: [{ role: 'user', content: 'Hi' }],
        prompt: 'Hi',
      };
      await ask({ method: 'post', path }, { 'X-Api-Key': inference }).send(body).expect(200);
      expect(services.engine.requests).toMatchObject([{ client: 'key_phone' }]);
    },
  );

  it('decides before it reads a body', async () => {
    const body = 'x'.repeat(3 * 1024 * 1024);
    await ask({ method: 'post', path: '/generate' }).send(body).expect(401);
    await ask({ method: 'post', path: '/generate' }, { 'X-Api-Key': inference })
      .send(body)
      .expect(413);
  });

  it('lets a browser ask its user, who types the key as the password', async () => {
    const page = { Accept: 'text/html,application/xhtml+xml' };
    const { headers } = await ask({ method: 'get', path: '/api-docs' }, page).expect(401);
    expect(headers['www-authenticate']).toMatch(/^Basic /);
    const Authorization = `Basic ${Buffer.from(`:${inference}`).toString('base64')}`;
    await ask({ method: 'get', path: '/api-docs' }, { ...page, Authorization }).expect(200);
  });

  it('takes a remembered password only from its own pages', async () => {
    const Authorization = `Basic ${Buffer.from(`:${inference}`).toString('base64')}`;
    const generate = { method: 'post', path: '/generate' };
    const send = (headers: Record<string, string>) =>
      ask(generate, { Authorization, ...headers }).send('{"messages":"Hi"}');
    await send({ Origin: 'https://evil.example' }).expect(403);
    await send({ Host: 'evil.example', Origin: 'http://evil.example' }).expect(403);
    expectUntouched();
    await send({ Host: 'board.local', Origin: 'http://board.local' }).expect(200);
  });

  it('needs no name or origin of those who show a key', async () => {
    const headers = { Host: 'board.example.org', Origin: 'https://elsewhere.example' };
    await ask({ method: 'post', path: '/generate' }, { ...headers, 'X-Api-Key': inference })
      .send('{"messages":"Hi"}')
      .expect(200);
  });
});

describe('on a board without keys', () => {
  it.each(named(routes.filter((route) => !isOwners(route))))(
    '%s is open, whatever key is sent',
    async (_name, route) => {
      for (const headers of [{}, { Authorization: 'Bearer sk-0000000000000000000' }]) {
        const { status } = await ask(route, headers);
        expect([401, 403]).not.toContain(status);
      }
    },
  );

  it.each(named(routes.filter(isOwners)))('%s stays closed', async (_name, route) => {
    for (const headers of [{}, { 'X-Api-Key': 'rk-anything' }]) {
      const { body } = await ask(route, headers).expect(403);
      expect(body).toEqual({ error: expect.stringMatching(/rkllama keys add/), code: 'forbidden' });
    }
    expectUntouched();
    expect(services.keys.list()).toEqual([]);
  });
});

describe('a page whose name was pointed to this board', () => {
  it.each(named(routes))('does not get at %s', async (_name, route) => {
    const headers = { Host: 'evil.example:8080', Origin: 'http://evil.example:8080' };
    const { body } = await ask(route, headers).expect(403);
    expectShape(route.path, body);
    expectUntouched();
  });

  it('is told how to make the name one of the board', async () => {
    const headers = { Host: 'board.example.org' };
    const { body } = await ask({ method: 'get', path: '/models' }, headers).expect(403);
    expect(body.error).toMatch(/"board\.example\.org".*security\.allowed_hosts/);
    settings = { ...settings, allowedHosts: ['board.example.org'] };
    await ask({ method: 'get', path: '/models' }, headers).expect(200);
  });
});

describe('a page of somebody else', () => {
  const changing = routes.filter((route) => route.method !== 'get' && !isOwners(route));

  it.each(named(changing))('cannot make %s change anything', async (_name, route) => {
    for (const Origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1.evil.example',
      'nonsense',
    ]) {
      // What a form may send without being asked.
      const { body, headers } = await ask(route, { Origin, 'Content-Type': 'text/plain' })
        .send('{"model":"model1.rkllm","messages":"Hi","name":"model1"}')
        .expect(403);
      expectShape(route.path, body);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expectUntouched();
  });

  it.each(named(routes))('may not read %s', async (_name, route) => {
    const { headers } = await ask(route, { Origin: 'https://evil.example' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['vary']).toContain('Origin');
  });

  it.each(named(routes))('hears no before %s', async (_name, { path }) => {
    const { headers } = await request(createApp(services))
      .options(path.replace(/[:*]\w+/g, 'model1.rkllm'))
      .set({ Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' })
      .expect(403);
    expect(headers['access-control-allow-methods']).toBeUndefined();
  });
});

describe('a page that may', () => {
  const Origin = 'https://chat.example.org';

  it('sends requests and reads answers', async () => {
    const generate = { method: 'post', path: '/v1/chat/completions' };
    const { headers } = await ask(generate, { Origin })
      .send('{"model":"model1.rkllm","messages":[{"role":"user","content":"Hi"}]}')
      .expect(200);
    expect(headers['access-control-allow-origin']).toBe(Origin);
    expect(headers['access-control-expose-headers']).toContain('X-Request-Id');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('reads refusals, too', async () => {
    await services.keys.add('owner', 'admin');
    const { headers } = await ask({ method: 'get', path: '/v1/models' }, { Origin }).expect(401);
    expect(headers['access-control-allow-origin']).toBe(Origin);
  });

  it('hears yes before, without a key', async () => {
    await services.keys.add('owner', 'admin');
    const { headers } = await request(createApp(services))
      .options('/v1/chat/completions')
      .set({
        Origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization, content-type, x-stainless-lang',
        'Access-Control-Request-Private-Network': 'true',
      })
      .expect(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': Origin,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, x-stainless-lang',
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '600',
    });
  });

  it('is every page where * is set', async () => {
    settings = { ...settings, corsOrigins: ['*'] };
    const { headers } = await ask(
      { method: 'post', path: '/generate' },
      { Origin: 'https://a.example' },
    )
      .send('{"messages":"Hi"}')
      .expect(200);
    expect(headers['access-control-allow-origin']).toBe('*');
  });

  it('is the page of the board itself', async () => {
    for (const [Host, own] of [
      ['board.local:8080', 'http://board.local:8080'],
      ['board.local', 'http://board.local:80'],
      ['192.168.1.20', 'https://192.168.1.20'],
    ] as const) {
      await ask({ method: 'post', path: '/generate' }, { Host, Origin: own })
        .send('{"messages":"Hi"}')
        .expect(200);
    }
    await ask(
      { method: 'post', path: '/generate' },
      { Host: 'board.local:8080', Origin: 'http://board.local:3000' },
    )
      .send('{"messages":"Hi"}')
      .expect(403);
  });
});

describe('a request', () => {
  it('has at most a hundred headers', async () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`X-${index}`, 'a']));
    const { body } = await ask({ method: 'get', path: '/v1/models' }, many).expect(431);
    expect(body.error.message).toMatch(/more than 100 headers/);
    await ask(
      { method: 'get', path: '/v1/models' },
      Object.fromEntries(Object.entries(many).slice(0, 80)),
    ).expect(200);
  });

  it('is one of so many that a client may have under way', async () => {
    settings = { ...settings, requestsPerClient: 2 };
    const gate = Promise.withResolvers<void>();
    const { answer } = services.engine;
    services.engine.answer = async function* (...given) {
      await gate.promise;
      yield* answer(...given);
    };
    const app = createApp(services);
    const generate = () => request(app).post('/generate').send('{"messages":"Hi"}');
    const first = [generate(), generate()].map(async (each) => (await each).status);
    await expect.poll(() => services.engine.requests.length).toBe(2);
    const third = await generate().expect(429);
    expect(third.headers['retry-after']).toBe('5');
    expect(third.body.error).toMatch(/2 requests of yours are under way/);
    const chat = await request(app).post('/v1/chat/completions').send('{}').expect(429);
    expect(chat.body.error).toMatchObject({ code: 'rate_limit_exceeded' });
    // Looking is free.
    await request(app).get('/models').expect(200);
    gate.resolve();
    expect(await Promise.all(first)).toEqual([200, 200]);
    await generate().expect(200);
  });

  it('does not count any more when its client left before its turn came', async () => {
    settings = { ...settings, requestsPerClient: 1 };
    const { log, lines } = recordingLog();
    const started = Promise.withResolvers<void>();
    const lifecycle = { phase: () => 'starting' as const, started: started.promise };
    const { secret } = await services.keys.add('phone', 'inference');
    const server = await LiveServer.start(createApp({ ...services, log, lifecycle }));
    const generate = (signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${server.port}/generate`, {
        method: 'POST',
        headers: { 'X-Api-Key': secret },
        body: '{"messages":"Hi"}',
        signal: signal ?? null,
      });
    try {
      await expect(generate(AbortSignal.timeout(100))).rejects.toThrow(/aborted/);
      await expect.poll(() => lines.join('')).toContain('"clientLeft":true');
      started.resolve();
      expect((await generate()).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
