import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { fakeServices } from './fakes.ts';
import { sendRaw } from './live-server.ts';

const nested = '['.repeat(200_000);
const routes = [
  ['POST', '/load_model'],
  ['POST', '/unload_model'],
  ['POST', '/generate'],
  ['POST', '/pull'],
  ['POST', '/rm'],
  ['DELETE', '/rm'],
] as const;

/** Bodies that are wrong for every route that reads one. */
const bodies: readonly [string, number, RegExp, string | Buffer][] = [
  ['broken JSON', 400, /not valid JSON/, '{"model": '],
  ['a form', 400, /not valid JSON/, 'model=x'],
  ['an array', 400, /request body: expected object, received array/, '[]'],
  ['null', 400, /request body: expected object, received null/, 'null'],
  ['a number', 400, /request body: expected object, received number/, '42'],
  ['a string', 400, /request body: expected object, received string/, '"model"'],
  ['brackets 200,000 deep, open', 400, /nested deeper than 128 levels/, nested],
  ['a text without an end', 400, /not valid JSON/, `{"model": "${'\\"'.repeat(1000)}`],
  [
    'brackets 200,000 deep, closed',
    400,
    /nested deeper than 128 levels/,
    nested + ']'.repeat(200_000),
  ],
  [
    'brackets inside of strings, which count for nothing',
    400,
    /expected object, received array/,
    JSON.stringify([`"\\${'['.repeat(500)}`, '\\']),
  ],
  ['bytes that are not UTF-8', 400, /not valid UTF-8/, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ['2 MiB', 413, /too large/, JSON.stringify({ model: 'x'.repeat(2 ** 21) })],
  [
    'more values than anybody sends',
    400,
    /more than 50000 values/,
    `{"messages":[${'0,'.repeat(50_000)}0]}`,
  ],
  ['a name that is a number', 400, /model: expected string, received number/, '{"model":5}'],
  ['a name that is a list', 400, /model: expected string, received array/, '{"model":["a"]}'],
  ['a name that is an object', 400, /model_name: expected string/, '{"model_name":{"$ne":1}}'],
  [
    'a name of 513 characters',
    400,
    /model: expected at most 512 characters/,
    JSON.stringify({ model: 'x'.repeat(513) }),
  ],
];

for (const [method, path] of routes) {
  describe(`${method} ${path} given`, () => {
    it.each(bodies)('%s answers %d with words', async (_what, status, words, body) => {
      const services = fakeServices('model1.rkllm');
      const headers = { 'Content-Type': 'application/json' };
      const response = await sendRaw(createApp(services), method, path, headers, body);
      expect(response).toEqual({ status, body: { error: expect.stringMatching(words) } });
      expect(services.engine.models).toHaveLength(1);
      expect(services.catalogue.names).toHaveLength(3);
      expect(services.puller.asked).toHaveLength(0);
    });
  });
}

describe('a body', () => {
  const send = (headers: Record<string, string>, body: string | Buffer) =>
    sendRaw(createApp(fakeServices('model1.rkllm')), 'POST', '/generate', headers, body);
  const hello = '{"messages":"Hello"}';

  it.each([
    ['application/json'],
    ['application/x-www-form-urlencoded'],
    ['text/plain; charset=iso-8859-1'],
    ['multipart/form-data; boundary=x'],
    ['nonsense'],
  ])('is read as JSON when it calls itself %s', async (type) => {
    expect(await send({ 'Content-Type': type }, hello)).toMatchObject({ status: 200 });
  });

  it('may begin with a byte order mark', async () => {
    expect(await send({}, `\uFEFF${hello}`)).toMatchObject({ status: 200 });
  });

  it('may be compressed, and is bounded after decompression', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    expect(await send(headers, gzipSync(hello))).toMatchObject({ status: 200 });
    const bomb = gzipSync(' '.repeat(50 * 2 ** 20));
    expect(await send(headers, bomb)).toMatchObject({ status: 413 });
    expect(await send(headers, 'not gzip')).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/could not be read/) },
    });
  });

  it('in an unknown compression is refused in words', async () => {
    expect(await send({ 'Content-Encoding': 'lzma' }, hello)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/unsupported content encoding "lzma"/) },
    });
  });

  it('cannot reach the prototype', async () => {
    const body = '{"messages":"Hi","__proto__":{"polluted":1},"constructor":1}';
    expect(await send({}, body)).toMatchObject({ status: 200 });
    expect('polluted' in {}).toBe(false);
  });
});

describe('as many wrong values as may be', () => {
  const many = (value: string) => `[${Array(24_000).fill(value).join()}]`;

  it.each([
    ['/generate', `{"messages":${many('{}')}}`],
    ['/generate', `{"messages":[{"role":"user","content":${many('{}')}}]}`],
    ['/api/chat', `{"messages":${many('{}')}}`],
    ['/api/chat', `{"messages":[{"role":"assistant","tool_calls":${many('{}')}}]}`],
    ['/api/create', `{"model":"a","from":"b","messages":${many('{}')}}`],
    ['/v1/chat/completions', `{"messages":[{"role":"user","content":${many('{}')}}]}`],
    ['/v1/chat/completions', `{"messages":[{"role":"assistant","tool_calls":${many('{}')}}]}`],
    ['/v1/completions', `{"prompt":"a","stop":${many('0')}}`],
  ])('are told to %s in a few words: %.50s', async (path, body) => {
    const response = await sendRaw(createApp(fakeServices()), 'POST', path, {}, body);
    expect(response.status).toBe(400);
    expect(JSON.stringify(response.body).length).toBeLessThan(1000);
  });
});

describe('a field that takes values of several kinds', () => {
  it.each([
    ['/generate', { format: 5 }],
    ['/api/chat', { format: [] }],
    ['/api/chat', { think: 'much' }],
    ['/api/chat', { keep_alive: {} }],
    ['/api/chat', { keep_alive: '1'.repeat(10_000) }],
    ['/api/chat', { options: { stop: [1] } }],
    ['/api/embed', { input: 5 }],
    ['/api/create', { license: 5 }],
    ['/api/create', { parameters: { stop: {} } }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 5 }] }],
    ['/v1/chat/completions', { messages: [{ role: 'user' }], stop: 5 }],
    ['/v1/chat/completions', { messages: [{ role: 'user' }], keep_alive: [] }],
    ['/v1/chat/completions', { messages: [{ role: 'user' }], tool_choice: 'x' }],
    ['/v1/embeddings', { input: 5 }],
    ['/v1/rerank', { query: 'a', documents: [5] }],
  ])('is told of at %s with what was expected: %.70j', async (path, body) => {
    const { text } = await request(createApp(fakeServices())).post(path).send(body).expect(400);
    expect(text).toMatch(/: expected /);
    expect(text.length).toBeLessThan(300);
  });
});

describe('a name that is no name', () => {
  const names = ['../secrets', '/etc/passwd', 'a/../../b', 'a\0b', '..'];

  it.each(names)('%j loads nothing', async (name) => {
    const services = fakeServices();
    const response = await request(createApp(services))
      .post('/load_model')
      .send({ model_name: name })
      .expect(400);
    expect(response.body).toEqual({ error: `Model ${name} not found in the /models directory.` });
    expect(services.engine.loads).toHaveLength(0);
  });

  it.each(names)('%j removes nothing', async (name) => {
    const services = fakeServices();
    await request(createApp(services)).delete('/rm').send({ model: name }).expect(400);
    expect(services.catalogue.names).toHaveLength(3);
  });
});
