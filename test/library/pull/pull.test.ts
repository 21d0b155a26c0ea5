import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModelfile } from '../../../src/library/index.ts';
import { collect, filesIn, megabyte, modelPath, oneModel, setUp, sha256Of } from './harness.ts';

describe('a pull', () => {
  it('brings the model, verified, under its own name and tells how it goes', async () => {
    const { hub, folder, puller } = await setUp();
    const events = await collect(puller.pull('hf/user/repo/model-rk3588.rkllm'));
    const landed = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm');
    expect(await sha256Of(landed)).toBe(hub.sha256(modelPath));
    expect(events[0]).toEqual({
      type: 'start',
      file: 'model-rk3588.rkllm',
      sizeBytes: 3 * megabyte + 17,
      resumedBytes: 0,
    });
    expect(events.slice(-2)).toEqual([
      { type: 'verifying', file: 'model-rk3588.rkllm' },
      { type: 'done', name: 'model-rk3588', path: landed },
    ]);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)?.receivedBytes).toBe(3 * megabyte + 17);
    expect(progress.length, 'at most one event per percent, plus the timed ones').toBeLessThan(130);
    expect(await filesIn(folder)).toEqual([
      'model-rk3588/Modelfile',
      'model-rk3588/model-rk3588.rkllm',
    ]);
    expect(puller.pulls()).toEqual([]);
  });

  it('writes a Modelfile with the file and its origin', async () => {
    const { folder, puller } = await setUp();
    await collect(puller.pull('user/repo/model-rk3588.rkllm', { name: 'qwen:3b' }));
    expect(await readFile(path.join(folder, 'qwen:3b', 'Modelfile'), 'utf8')).toBe(
      'FROM=model-rk3588.rkllm\nHUGGINGFACE_PATH=user/repo\n',
    );
  });

  it('keeps a Modelfile that is there, and refuses another file for the same model', async () => {
    const { folder, puller } = await setUp();
    const modelfile = path.join(folder, 'mine', 'Modelfile');
    await mkdir(path.dirname(modelfile));
    await writeFile(modelfile, 'FROM=model-rk3588.rkllm\nTEMPERATURE=0.1\n');
    await collect(puller.pull('user/repo/model-rk3588.rkllm', { name: 'mine' }));
    expect(await readFile(modelfile, 'utf8')).toContain('TEMPERATURE');
    await writeFile(modelfile, 'FROM=other.rkllm\n');
    await expect(
      collect(puller.pull('user/repo/model-rk3588.rkllm', { name: 'mine' })),
    ).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('other') });
  });

  it('is refused under the name of a model that derives from another', async () => {
    const { folder, puller } = await setUp();
    await mkdir(path.join(folder, 'mine'));
    await writeFile(path.join(folder, 'mine', 'Modelfile'), 'FROM base\nSYSTEM Be brief.\n');
    await expect(
      collect(puller.pull('user/repo/model-rk3588.rkllm', { name: 'mine' })),
    ).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('base') });
    expect(await filesIn(folder)).toEqual(['mine/Modelfile']);
  });

  it('takes names with spaces and quotes, and pulls them again', async () => {
    const name = `it's a "model"`;
    const { folder, puller } = await setUp({
      files: { [`user/repo/${name}.rkllm`]: { sizeBytes: 1000, seed: 2 } },
    });
    await collect(puller.pull(`user/repo/${name}.rkllm`));
    const modelfile = await readFile(path.join(folder, name, 'Modelfile'), 'utf8');
    expect(parseModelfile(modelfile).settings.from).toBe(`${name}.rkllm`);
    await collect(puller.pull(`user/repo/${name}.rkllm`));
  });

  it('finds a file in a folder of the repository and at a revision', async () => {
    const file = 'user/repo/rk3588/w8a8/my model.rkllm';
    const { hub, folder, puller } = await setUp({
      files: { [file]: { sizeBytes: 1000, seed: 2 } },
      revisions: ['refs/pr/1'],
    });
    await collect(puller.pull(`${file}@refs/pr/1`));
    const landed = path.join(folder, 'my model', 'my model.rkllm');
    expect(await sha256Of(landed)).toBe(hub.sha256(file));
    expect(hub.requests[0]?.path).toContain('refs%2Fpr%2F1');
  });

  it('chooses the file for this board out of a repository', async () => {
    const { folder, puller } = await setUp({
      files: { ...oneModel, 'user/repo/model-rk3576.rkllm': { sizeBytes: 10, seed: 1 } },
    });
    await collect(puller.pull('hf.co/user/repo:latest'));
    expect(await filesIn(folder)).toContain('model-rk3588/model-rk3588.rkllm');
  });

  it('does not download again what is there, and repairs what is damaged', async () => {
    const { hub, folder, puller } = await setUp();
    await collect(puller.pull(modelPath));
    const before = hub.requests.filter(({ kind }) => kind === 'content').length;
    const again = await collect(puller.pull(modelPath));
    expect(again.at(-1)).toMatchObject({ type: 'done' });
    expect(hub.requests.filter(({ kind }) => kind === 'content')).toHaveLength(before);

    const landed = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm');
    const bytes = await readFile(landed);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(landed, bytes);
    await collect(puller.pull(modelPath));
    expect(await sha256Of(landed)).toBe(hub.sha256(modelPath));
  });

  it('pulls an empty and a one-byte file too', async () => {
    const { folder, puller } = await setUp({
      files: { 'u/r/empty.rkllm': new Uint8Array(0), 'u/r/tiny.rkllm': Uint8Array.of(1) },
    });
    await collect(puller.pull('u/r/empty.rkllm'));
    await collect(puller.pull('u/r/tiny.rkllm'));
    expect(await filesIn(folder)).toContain('empty/empty.rkllm');
    expect(await readFile(path.join(folder, 'tiny', 'tiny.rkllm'))).toHaveLength(1);
  });

  it.each(['../up', 'a/b', '.hidden', '', 'nul\0', `${'x'.repeat(300)}`])(
    'refuses the model name %j',
    async (name) => {
      const { folder, puller, hub } = await setUp();
      await expect(collect(puller.pull(modelPath, { name }))).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect(hub.requests).toEqual([]);
      expect(await filesIn(folder)).toEqual([]);
    },
  );
});
