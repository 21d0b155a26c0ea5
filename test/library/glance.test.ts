import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeModelFile } from '../../simulator/model-file.ts';
import { glanceAtModels } from '../../src/library/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-glance-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const machine = { platform: 'RK3588', runtimeVersion: '1.2.3' };

async function model(path: string, toolkitVersion = '1.1.4'): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeModelFile(join(folder, path), { text: 'A small model.\n', toolkitVersion });
  await utimes(join(folder, path), 0, 0);
}

describe('a glance at the models', () => {
  it('sees what the catalogue would, judged for this machine, and writes nothing', async () => {
    await model('loose.rkllm');
    await model('qwen/qwen.rkllm', '1.3.0');
    const before = await readdir(folder, { recursive: true });
    const { models } = await glanceAtModels(folder, machine);
    expect(models.map(({ name }) => name)).toEqual(['loose.rkllm', 'qwen']);
    expect(models.map(({ problem }) => problem)).toEqual([
      null,
      expect.stringMatching(/toolkit 1\.3\.0, newer than the installed runtime 1\.2\.3/),
    ]);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it('finds by name, as the daemon does', async () => {
    await model('loose.rkllm');
    const { find } = await glanceAtModels(folder, machine);
    expect(find('loose').path).toBe(join(folder, 'loose.rkllm'));
    expect(() => find('absent')).toThrow(expect.objectContaining({ code: 'model_not_found' }));
    expect(() => find('../loose')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('leaves out what is just being written', async () => {
    await writeFile(join(folder, 'new.rkllm'), 'half');
    expect((await glanceAtModels(folder, machine)).models).toEqual([]);
  });

  it('sees nothing where there is no folder', async () => {
    expect((await glanceAtModels(join(folder, 'absent'), machine)).models).toEqual([]);
  });
});
