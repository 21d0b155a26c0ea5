/** Attacks on the real daemon, by what it says of its own routes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Board, simulator, temporaryFolder } from './board.ts';
import { askRaw, openRaw, type RawRequest } from './raw-request.ts';

const hubToken = 'hf_TopSecretHubToken';
const marker = 'the-content-of-a-file-outside';

let folder: string;
let library: string;
let board: Board;
let socket: string;
let adminKey: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  library = await simulator('1.3.1');
  socket = join(folder, 'admin.sock');
  board = await Board.start({
    library,
    models: { 'model1.rkllm': {} },
    environment: {
      RKLLAMA_ADMIN_SOCKET: socket,
      RKLLAMA_LOG_LEVEL: 'trace',
      RKLLAMA_HUB_TOKEN: hubToken,
      // Nobody answers there.
      RKLLAMA_HUB_ENDPOINT: 'http://127.0.0.1:9',
    },
  });
  adminKey = await newKey('owner', 'admin');
});
afterAll(async () => {
  await board?.stop();
  await rm(folder, { recursive: true, force: true });
});

const overNetwork = (wanted: RawRequest) => askRaw(board.url, wanted);
const overSocket = (wanted: RawRequest) => askRaw(socket, wanted);

async function newKey(name: string, scope: string): Promise<string> {
  const { json } = await overSocket({ path: '/admin/keys', body: { name, scope } });
  return z.object({ key: z.string() }).parse(json).key;
}

describe('an API key', () => {
  it('opens the board from the moment of its making until it is revoked, and after a reload', async () => {
    const key = await newKey('phone', 'inference');
    const status = async (secret: string) =>
      (await overNetwork({ path: '/models', headers: { Authorization: `Bearer ${secret}` } }))
        .status;
    expect((await overNetwork({ path: '/models' })).status).toBe(401);
    expect(await status(key)).toBe(200);
    process.kill(board.pid, 'SIGHUP');
    await expect.poll(() => board.log.join('')).toMatch(/configuration reloaded/);
    expect(await status(key)).toBe(200);
    expect((await overSocket({ method: 'DELETE', path: '/admin/keys/phone' })).status).toBe(200);
    expect(await status(key)).toBe(401);
    expect(await status(adminKey)).toBe(200);
  });

  it('is not needed on the admin socket, nor a name or an origin', async () => {
    const headers = { Host: 'evil.example', Origin: 'https://evil.example' };
    const { status, json } = await overSocket({ path: '/admin/keys', headers });
    expect(status).toBe(200);
    expect(json).toMatchObject({ required: true });
  });
});

const schemas = z.record(
  z.string(),
  z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }),
);
const operation = z.looseObject({
  'x-alias-of': z.string().optional(),
  requestBody: z
    .object({
      content: z.object({
        'application/json': z.object({
          schema: z.object({ $ref: z.string() }),
          examples: z.object({ example: z.object({ value: z.record(z.string(), z.unknown()) }) }),
        }),
      }),
    })
    .optional(),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas }),
});

describe('a name that leads out of the models folder', () => {
  const namesSomething =
    /^(models?|name|model_name|from|source|destination|reference|revision|lora|adapters|files|digest|id|path)$/;

  it('is refused in every field of every route, and touches nothing', async () => {
    await mkdir(join(board.home, 'outside'));
    for (const path of ['outside.rkllm', 'outside/model.rkllm', 'RKLLAMA/outside.rkllm']) {
      await writeFile(join(board.home, path), marker);
    }
    const before = await everythingOutside();
    const hostile = [
      '../outside',
      '../outside.rkllm',
      '../../outside.rkllm',
      'model1.rkllm/../../outside.rkllm',
      'a/../../outside',
      '..',
      '../models/../outside',
      '..\\outside.rkllm',
      `${board.home}/outside.rkllm`,
      '/etc/passwd',
      'file:///etc/passwd',
      'model1\0/../../outside.rkllm',
    ];
    // Names like others, for a file system; nobody may take them for more.
    const odd = ['%2e%2e/outside.rkllm', '~/outside.rkllm', '$HOME/outside.rkllm'];
    let tried = 0;
    const refused: string[] = [];
    for (const request of await everyField()) {
      for (const value of [...hostile, ...odd]) {
        tried += 1;
        let { status, text } = await overNetwork(request.with(value));
        // Another field may have named the model instead.
        if (request.isName && status < 400 && request.alone) {
          ({ status, text } = await overNetwork(request.alone(value)));
        }
        const what = `${request.what} = ${JSON.stringify(value)}: ${status} ${text.slice(0, 200)}`;
        expect(text, what).not.toMatch(/root:x:0/);
        expect(text, what).not.toContain(marker);
        expect(status, what).toBeLessThan(500);
        if (request.isName && !odd.includes(value))
          expect(status, what).toBeGreaterThanOrEqual(400);
      }
      if (request.isName) refused.push(request.what);
    }
    expect(tried).toBeGreaterThan(1000);
    const fields = new Set(refused);
    for (const field of [
      'POST /rm model',
      'POST /api/copy source',
      'POST /admin/pulls name',
      'GET /v1/models/{id} id',
    ]) {
      expect(fields).toContain(field);
    }
    expect(await everythingOutside()).toEqual(before);
    expect(await readdir(board.modelsFolder)).toContain('model1.rkllm');
  });

  interface FieldRequest {
    what: string;
    isName: boolean;
    with(value: string): RawRequest;
    /** Without the other names of the model. */
    alone?(value: string): RawRequest;
  }

  /** Each field that takes a text, and each part of a path, of each route once. */
  async function everyField(): Promise<FieldRequest[]> {
    const { json } = await overSocket({ path: '/api-docs/openapi.json' });
    const { paths, components } = document.parse(json);
    const headers = { Authorization: `Bearer ${adminKey}` };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, each]) => {
        if (each['x-alias-of'] !== undefined) return [];
        const name = `${method.toUpperCase()} ${path}`;
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([whole, parameter = '']) => ({
          what: `${name} ${parameter}`,
          isName: true,
          with: (value: string) => ({
            method: method.toUpperCase(),
            path: path.replace(whole, encodeURIComponent(value)),
            headers,
            ...(method !== 'get' && { body: {} }),
          }),
        }));
        const content = each.requestBody?.content['application/json'];
        if (!content) return inPath;
        const schema = components.schemas[content.schema.$ref.split('/').at(-1) ?? ''];
        const inBody = Object.entries(schema?.properties ?? {})
          .filter(([, property]) => JSON.stringify(property).includes('"type":"string"'))
          .map(([field]) => {
            const { value: example } = content.examples.example;
            const { model: _model, name: _name, model_name: _modelName, ...others } = example;
            const sent = (body: object) => ({ method: method.toUpperCase(), path, headers, body });
            return {
              what: `${name} ${field}`,
              isName: namesSomething.test(field),
              // Ollama's model and name are one field, and the first of them counts.
              with: (value: string) =>
                sent({ ...(path.startsWith('/api/') ? others : example), [field]: value }),
              alone: (value: string) => sent({ ...others, [field]: value }),
            };
          });
        return [...inPath, ...inBody];
      }),
    );
  }

  /** Files below the daemon's home and not below the models folder, with the hashes of their contents. */
  async function everythingOutside(): Promise<string[]> {
    const entries = await readdir(board.home, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // What was used last is written there.
      .filter((path) => !path.startsWith(`${board.modelsFolder}/`))
      .filter((path) => !/keys\.json(\.tmp)?$/.test(path))
      .filter((path) => !relative(board.home, path).startsWith('RKLLAMA/cache/'));
    const lines = files.map(async (path) => {
      const hash = createHash('sha256').update(await readFile(path));
      return `${path} ${hash.digest('hex')}`;
    });
    return (await Promise.all(lines)).sort();
  }
});

describe('a secret', () => {
  it('is in no log and no answer, whatever is sent', async () => {
    const key = await newKey('tablet', 'inference');
    const basic = Buffer.from(`user:${key}`).toString('base64');
    const secrets = [key, adminKey, basic, hubToken];
    const credentials: Record<string, string>[] = [
      { Authorization: `Bearer ${key}` },
      { Authorization: `Bearer ${key}x` },
      { Authorization: `Basic ${basic}` },
      { Authorization: `Basic ${basic}=` },
      { Authorization: key },
      { 'X-Api-Key': key },
      { 'X-Api-Key': `${key} ` },
      { 'X-Api-Key': adminKey },
      { Cookie: `key=${key}` },
      { Host: 'evil.example', Authorization: `Bearer ${adminKey}` },
      { Origin: 'https://evil.example', Authorization: `Bearer ${adminKey}x` },
    ];
    const requests: RawRequest[] = [
      { path: `/models?key=${key}` },
      { path: `/v1/models?api_key=${key}` },
      { path: '/admin/status' },
      { path: '/admin/keys' },
      { path: '/admin/pulls' },
      { path: '/admin/search?query=qwen' },
      { path: '/metrics' },
      { path: '/health' },
      { path: '/api-docs/openapi.json' },
      { path: '/generate', body: `{"messages": "${key}"` },
      { path: '/v1/chat/completions', body: { api_key: key, messages: key } },
      { path: '/admin/pulls', body: { reference: 'user/repo/model.rkllm' } },
      { path: '/pull', body: { model: 'user/repo/model.rkllm' } },
    ];
    const answers = await Promise.all(
      credentials.flatMap((headers) =>
        requests.map(async (wanted) => (await overNetwork({ ...wanted, headers })).text),
      ),
    );
    expect(answers.join('')).toMatch(/owner.*tablet/s);
    const log = board.log.join('');
    expect(log).toContain('refused: no valid API key');
    expect(log).toContain('pull failed');
    const hashes = [
      ...(await readFile(join(board.home, 'RKLLAMA/keys.json'), 'utf8')).matchAll(/[0-9a-f]{64}/g),
    ];
    expect(hashes.length).toBeGreaterThan(1);
    for (const secret of [...secrets, ...hashes.map(String)]) {
      expect(
        answers.some((text) => text.includes(secret)),
        secret,
      ).toBe(false);
      expect(log.includes(secret), secret).toBe(false);
    }
  });

  it('of wrong keys by the hundred fills no log', async () => {
    const lines = () => board.log.join('').split('\n').length;
    const before = lines();
    const wrong = { path: '/api/tags', headers: { Authorization: 'Bearer rk-wrong' } };
    const answers = await Promise.all(Array.from({ length: 200 }, () => overNetwork(wrong)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(lines() - before).toBeLessThan(50);
    // And holds up nobody who has a right one.
    const headers = { Authorization: `Bearer ${adminKey}` };
    expect((await overNetwork({ path: '/api/tags', headers })).status).toBe(200);
  });
});

describe('the limits of the server', () => {
  it('are those of the settings', async () => {
    const limited = await Board.start({
      library,
      models: {},
      environment: { RKLLAMA_MAX_CONNECTIONS_PER_CLIENT: '3', RKLLAMA_IDLE_TIMEOUT: '7' },
    });
    const sockets: Socket[] = [];
    try {
      const { headers } = await openRaw(limited.url, {
        path: '/health',
        headers: { Connection: 'keep-alive' },
      });
      expect(headers['keep-alive']).toBe('timeout=7');
      const { hostname, port } = new URL(limited.url);
      for (let index = 0; index < 12; index++) {
        const socket = connect(Number(port), hostname).resume();
        sockets.push(socket.on('error', () => undefined));
        await once(socket, 'connect');
      }
      const open = () => sockets.filter((socket) => !socket.closed).length;
      await expect.poll(open, { timeout: 20_000 }).toBeLessThanOrEqual(3);
      expect(open()).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await limited.stop();
    }
  });
});

describe('a board whose last key was revoked', () => {
  it('stays closed over a restart of the daemon, until its owner removes keys.json', async () => {
    const path = join(folder, 'second.sock');
    const second = await Board.start({
      library,
      models: { 'model1.rkllm': {} },
      environment: { RKLLAMA_ADMIN_SOCKET: path },
    });
    try {
      await askRaw(path, { path: '/admin/keys', body: { name: 'phone' } });
      await askRaw(path, { method: 'DELETE', path: '/admin/keys/phone' });
      expect((await askRaw(second.url, { path: '/models' })).status).toBe(401);
      await rm(join(second.home, 'RKLLAMA/keys.json'));
      process.kill(second.pid, 'SIGHUP');
      await expect
        .poll(async () => (await askRaw(second.url, { path: '/models' })).status)
        .toBe(200);
    } finally {
      await second.stop();
    }
  });
});
