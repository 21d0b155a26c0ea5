import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Faults } from '../../support/hub/index.ts';
import { startHub } from '../../support/hub/index.ts';
import {
  type Bench,
  collect,
  filesIn,
  megabyte,
  modelPath,
  oneModel,
  setUp,
  sha256Of,
} from './harness.ts';

async function expectWhole({ hub, folder }: Bench): Promise<void> {
  const landed = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm');
  expect(await sha256Of(landed)).toBe(hub.sha256(modelPath));
  expect(await filesIn(folder)).toEqual([
    'model-rk3588/Modelfile',
    'model-rk3588/model-rk3588.rkllm',
  ]);
}

/** The fault for the first `times` requests of a kind. */
const first =
  (times: number, kind: string, fault: ReturnType<Faults>): Faults =>
  (request) =>
    request.kind === kind && request.index < times ? fault : undefined;

describe('a pull goes on after', () => {
  it.each<[string, Faults]>([
    ['a cut connection', first(2, 'content', { cutAfterBytes: 70_000 })],
    ['a cut before the first byte', first(2, 'content', { cutAfterBytes: 0 })],
    ['a connection that falls silent', first(1, 'content', { stallAfterBytes: 100_000 })],
    ['429 with Retry-After', first(1, 'resolve', { status: 429, headers: { 'retry-after': '0' } })],
    ['429 on metadata', first(1, 'api', { status: 429, headers: { 'retry-after': '0' } })],
    ['500 from the content server', first(3, 'content', { status: 500 })],
    ['503 from the hub', first(2, 'api', { status: 503 })],
    ['a web page from the content server', first(2, 'content', { html: '<html>Hello' })],
    ['a web page instead of metadata', first(1, 'api', { html: '<html>Log in' })],
    [
      'an expired signature',
      (r) => (r.kind === 'content' && r.index === 2 ? { status: 403 } : undefined),
    ],
  ])('%s', async (_what, faults) => {
    const bench = await setUp({ faults });
    await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
  });

  it('cuts at random offsets, fetching no byte twice without need', async () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state % below;
    };
    let sent = 0;
    const bench = await setUp(
      {
        faults: ({ kind, index }) => {
          if (kind !== 'content' || index > 40) return undefined;
          const cutAfterBytes = random(300_000);
          sent += cutAfterBytes;
          return { cutAfterBytes };
        },
      },
      { tuning: { attempts: 30 } },
    );
    await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
    expect(sent).toBeGreaterThan(megabyte);
  });

  it('a slow drip', async () => {
    const bench = await setUp({
      files: { [modelPath]: { sizeBytes: 60_000, seed: 1 } },
      faults: ({ kind }) => (kind === 'content' ? { bytesPerSecond: 100_000 } : undefined),
    });
    const events = await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
    expect(events.at(-1)).toMatchObject({ type: 'done' });
  });

  it('a cut on a server that knows no ranges', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) => {
        if (kind !== 'content') return undefined;
        return { ignoreRange: true, ...(index < 2 ? { cutAfterBytes: 1_500_000 } : {}) };
      },
    });
    await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
  });

  it('a cut, when the server no longer knows ranges', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) => (kind === 'content' && index > 3 ? { status: 500 } : undefined),
    });
    await expect(collect(bench.puller.pull(modelPath))).rejects.toThrow();
    bench.hub.setFaults(({ kind }) => (kind === 'content' ? { ignoreRange: true } : undefined));
    await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
  });

  it('another entity tag for the same content, keeping what has arrived', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) =>
        kind === 'content' && index > 3 ? { etag: '"new"' } : undefined,
    });
    const events = await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
    const resumed = events.findLast((event) => event.type === 'start');
    expect(resumed?.resumedBytes).toBeGreaterThan(0);
  });

  it('damage of what was kept, by beginning anew', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) => (kind === 'content' && index > 2 ? { status: 500 } : undefined),
    });
    await expect(collect(bench.puller.pull(modelPath))).rejects.toThrow();
    bench.hub.setFaults(undefined);
    const partial = path.join(bench.folder, 'model-rk3588', 'model-rk3588.rkllm.partial');
    const bytes = await readFile(partial);
    await writeFile(partial, bytes.fill(0, 1000, 2000));
    await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
  });

  it('a loss of what its notes say is there, by fetching that again', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) => (kind === 'content' && index > 4 ? { status: 500 } : undefined),
    });
    await expect(collect(bench.puller.pull(modelPath))).rejects.toThrow();
    bench.hub.setFaults(undefined);
    const partial = path.join(bench.folder, 'model-rk3588', 'model-rk3588.rkllm.partial');
    expect((await stat(partial)).size).toBeGreaterThan(megabyte);
    await truncate(partial, megabyte);
    const events = await collect((await bench.restart()).pull(modelPath));
    await expectWhole(bench);
    expect(events[0]).toMatchObject({ type: 'start', resumedBytes: megabyte });
  });

  it('a change of the file between two ranges, with the new content', async () => {
    const bench = await setUp();
    bench.hub.setFaults(({ kind, index }) => {
      if (kind === 'content' && index === 2) {
        bench.hub.put(modelPath, { sizeBytes: 2 * megabyte, seed: 99 });
        return { status: 403 };
      }
      return undefined;
    });
    const events = await collect(bench.puller.pull(modelPath));
    await expectWhole(bench);
    const starts = events.filter((event) => event.type === 'start');
    expect(starts.at(-1)).toMatchObject({ sizeBytes: 2 * megabyte, resumedBytes: 0 });
  });
});

describe('a pull ends with a clear error', () => {
  const pullError = async (bench: Bench, reference = modelPath) => {
    const error: unknown = await collect(bench.puller.pull(reference)).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(bench.puller.pulls().filter(({ state }) => state === 'running')).toEqual([]);
    return error;
  };

  it('when the content has the wrong hash, and keeps nothing of it', async () => {
    const bench = await setUp({
      faults: ({ kind, rangeStart }) =>
        kind === 'content' && rangeStart === 0 ? { corrupt: true } : undefined,
    });
    expect(await pullError(bench)).toMatchObject({
      code: 'pull_failed',
      message: expect.stringContaining('hash'),
    });
    expect(await filesIn(bench.folder)).toEqual([]);
  });

  it('when the hub stays away, and keeps what has arrived', async () => {
    const bench = await setUp({
      faults: ({ kind, index }) => (kind === 'content' && index > 2 ? { status: 500 } : undefined),
    });
    expect(await pullError(bench)).toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/What has arrived is kept; pull again to go on\.$/),
    });
    expect(await filesIn(bench.folder)).toEqual([
      'model-rk3588/model-rk3588.rkllm.partial',
      'model-rk3588/model-rk3588.rkllm.partial.json',
    ]);
    expect(bench.puller.pulls()).toMatchObject([
      { state: 'failed', id: 'model-rk3588/model-rk3588.rkllm' },
    ]);
  });

  it('when it is only given web pages, and never saves one', async () => {
    const bench = await setUp({
      faults: ({ kind }) => (kind === 'content' ? { html: '<!doctype html>' } : undefined),
    });
    expect(await pullError(bench)).toMatchObject({
      code: 'pull_failed',
      message: expect.stringContaining('web page'),
    });
    const partial = path.join(bench.folder, 'model-rk3588', 'model-rk3588.rkllm.partial');
    expect(await readFile(partial, 'utf8')).toBe('');
  });

  it('when Retry-After asks for too much patience', async () => {
    const bench = await setUp({
      faults: () => ({ status: 429, headers: { 'retry-after': '86400' } }),
    });
    expect(await pullError(bench)).toMatchObject({
      code: 'pull_failed',
      retryAfterSeconds: 86400,
    });
  });

  it.each([
    ['the repository', 'user/nothing/a.rkllm', 'pull_failed', /user\/nothing.*HF_TOKEN/],
    ['the file', 'user/repo/other.rkllm', 'model_not_found', /other\.rkllm.*model-rk3588\.rkllm/],
    ['the revision', `${modelPath}@v9`, 'model_not_found', /revision/],
  ])('when %s is missing', async (_what, reference, code, message) => {
    const bench = await setUp();
    expect(await pullError(bench, reference)).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await filesIn(bench.folder)).toEqual([]);
  });

  it('when the repository is gated', async () => {
    const bench = await setUp({ gated: ['user/repo'], token: 'hf_secret' });
    expect(await pullError(bench)).toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/licence.*HF_TOKEN/),
    });
  });
});

describe('redirects', () => {
  it('are followed to an allowed host, without the token', async () => {
    const bench = await setUp({
      gated: ['user/repo'],
      token: 'hf_secret',
      cdnAddress: '127.0.0.2',
    });
    const puller = await bench.restart({
      token: 'hf_secret',
      allowedHosts: [bench.hub.contentHost],
    });
    await collect(puller.pull(modelPath));
    await expectWhole(bench);
    const { requests } = bench.hub;
    const content = requests.filter(({ kind }) => kind === 'content');
    expect(content.length).toBeGreaterThan(0);
    for (const request of content) {
      expect(request.localAddress).toBe('127.0.0.2');
      expect(request.headers['authorization']).toBeUndefined();
    }
    const own = requests.filter(({ kind }) => kind !== 'content');
    for (const request of own) expect(request.headers['authorization']).toBe('Bearer hf_secret');
  });

  it('are not followed to any other host', async () => {
    const bench = await setUp({ cdnAddress: '127.0.0.2' });
    await expect(collect(bench.puller.pull(modelPath))).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringContaining(bench.hub.contentHost),
    });
    expect(bench.hub.requests.filter(({ kind }) => kind === 'content')).toEqual([]);
  });

  it('are not followed to another port of the same host, or round in circles', async () => {
    const other = await startHub({ files: oneModel });
    const bench = await setUp({
      faults: ({ kind }) => (kind === 'resolve' ? { redirectTo: `${other.url}/x` } : undefined),
    });
    await expect(collect(bench.puller.pull(modelPath))).rejects.toThrow(/not an allowed host/);
    expect(other.requests).toEqual([]);
    await other.close();

    bench.hub.setFaults(({ kind }) =>
      kind === 'resolve' ? { redirectTo: '/a/b/resolve/main/c' } : undefined,
    );
    await expect(collect(bench.puller.pull(modelPath))).rejects.toThrow(/too many redirects/);
  });
});
