/** Pulls over the admin socket of the real daemon, which go on without anybody. */
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeModelFile } from '../../simulator/model-file.ts';
import { type Hub, startHub } from '../support/hub/index.ts';
import { Board, simulator, temporaryFolder } from './board.ts';
import { askRaw, openRaw } from './raw-request.ts';

const reference = 'someone/some-repo/tiny.rkllm';
const id = 'tiny/tiny.rkllm';
const pullList = z.object({
  pulls: z.array(z.object({ id: z.string(), state: z.string(), received_bytes: z.number() })),
});

let folder: string;
let library: string;
let hub: Hub;
let board: Board;
let socket: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  library = await simulator('1.3.1');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  socket = join(folder, 'admin.sock');
  hub = await startHub({ files: { [reference]: Buffer.from(encodeModelFile({})) } });
  board = await Board.start({
    library,
    models: {},
    environment: { RKLLAMA_ADMIN_SOCKET: socket, RKLLAMA_HUB_ENDPOINT: hub.url },
  });
});
afterEach(async () => {
  await board?.stop();
  await hub?.close();
});

const pulls = async () =>
  pullList.parse((await askRaw(socket, { path: '/admin/pulls' })).json).pulls;
const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => z.looseObject({ event: z.string() }).parse(JSON.parse(line)));

it('tells every step of a pull, and the model is there when it says so', async () => {
  const { text } = await askRaw(socket, { path: '/admin/pulls', body: { reference } });
  const lines = linesOf(text);
  expect(lines[0]).toMatchObject({ event: 'pull', id, reference: `hf/${reference}` });
  expect(lines.at(-1)).toMatchObject({ event: 'done', name: 'tiny' });
  expect(JSON.stringify(await board.models())).toContain('tiny');
  expect(await pulls()).toEqual([]);
});

it('goes on with a pull whose client has left, and lets others follow it', async () => {
  // About two seconds for the whole file.
  hub.setFaults(({ kind }) => (kind === 'content' ? { bytesPerSecond: 20_000 } : undefined));
  const first = await openRaw(socket, { path: '/admin/pulls', body: { reference } });
  await once(first, 'data');
  first.destroy();
  await expect.poll(pulls).toMatchObject([{ id, state: 'running' }]);

  const path = `/admin/pulls/${encodeURIComponent(id)}`;
  const follower = askRaw(socket, { path: `${path}/events` });
  await expect.poll(pulls).toMatchObject([{ state: 'running' }]);
  expect(linesOf((await follower).text).at(-1)).toMatchObject({ event: 'done' });
  expect(JSON.stringify(await board.models())).toContain('tiny');
  expect((await askRaw(socket, { path: `${path}/events` })).status).toBe(404);
});

it('cancels a pull, tells those who follow it, and lists it until it is forgotten', async () => {
  hub.setFaults(({ kind }) => (kind === 'content' ? { stallAfterBytes: 100 } : undefined));
  const following = askRaw(socket, { path: '/admin/pulls', body: { reference } });
  await expect.poll(pulls).toMatchObject([{ id, state: 'running' }]);
  const path = `/admin/pulls/${encodeURIComponent(id)}`;
  const cancelled = await askRaw(socket, { method: 'DELETE', path });
  expect(cancelled.json).toEqual({ id, state: 'cancelled', partial_deleted: false });
  const last = linesOf((await following).text).at(-1);
  expect(last).toMatchObject({ event: 'error', error: expect.stringMatching(/cancelled/) });
  expect(await pulls()).toMatchObject([{ id, state: 'cancelled' }]);
  await askRaw(socket, { method: 'DELETE', path: `${path}?delete_partial=true` });
  expect(await pulls()).toEqual([]);
});

it('lists a pull that a disk brings which is plugged in later', async () => {
  hub.setFaults(({ kind }) => (kind === 'content' ? { stallAfterBytes: 100 } : undefined));
  const following = askRaw(socket, { path: '/admin/pulls', body: { reference } });
  const place = join(board.modelsFolder, 'tiny');
  await expect.poll(() => readdir(place).catch(() => [])).toContain('tiny.rkllm.partial');
  const path = `/admin/pulls/${encodeURIComponent(id)}`;
  await askRaw(socket, { method: 'DELETE', path });
  await following;
  const aside = join(board.home, 'another-disk');
  await rename(place, aside);
  await askRaw(socket, { method: 'DELETE', path: `${path}?delete_partial=true` });
  expect(await pulls()).toEqual([]);
  await rename(aside, join(board.modelsFolder, 'later'));
  const wanted = [{ id: 'later/tiny.rkllm', state: 'interrupted' }];
  await expect.poll(pulls, { timeout: 10_000 }).toMatchObject(wanted);
});

it('searches the hub', async () => {
  const { status, json } = await askRaw(socket, { path: '/admin/search?query=some' });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    results: [{ reference, file: 'tiny.rkllm', size_bytes: expect.any(Number) }],
  });
});
