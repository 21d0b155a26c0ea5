import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { Catalogue } from '../../src/library/index.ts';
import { modelBytes } from '../library/models-folder.ts';
import { collect, modelPath, setUp, untilReceived } from '../library/pull/harness.ts';
import { fakeServices } from './fakes.ts';

/** About a second for the whole file. */
const faults = ({ kind }: { kind: string }) =>
  kind === 'content' ? { bytesPerSecond: 1_000_000 } : undefined;

it.each([
  ['/rm', { model: 'model-rk3588' }],
  ['/api/delete', { model: 'model-rk3588' }],
])('DELETE %s ends the pull of a newer file of the model', async (route, body) => {
  const { folder, puller } = await setUp({ faults });
  const modelFolder = path.join(folder, 'model-rk3588');
  await mkdir(modelFolder);
  await writeFile(path.join(modelFolder, 'model-rk3588.rkllm'), modelBytes());
  const catalogue = new Catalogue({ folder, settleMs: 20 });
  await catalogue.start();
  onTestFinished(() => catalogue.stop());
  await expect.poll(() => catalogue.models().length).toBe(1);
  const pull = collect(puller.pull(modelPath));
  await untilReceived(puller.pull(modelPath), 100_000);
  const app = createApp({ ...fakeServices(), catalogue, puller });
  const [, answer] = await Promise.all([
    expect(pull).rejects.toThrow('The pull of model-rk3588.rkllm was cancelled.'),
    request(app).delete(route).send(body),
  ]);
  expect(answer.status).toBe(200);
  expect(puller.pulls()).toEqual([]);
  expect(catalogue.models()).toEqual([]);
  expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual([]);
});
