import { appendFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ModelsFolder, modelBytes, namesOf, until } from './models-folder.ts';

describe.concurrent('a file that is being copied', () => {
  it('is incoming with its progress while it grows, and a model when it has stopped', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    const bytes = modelBytes();
    const half = bytes.length >> 1;
    const path = await folder.write('new/model.rkllm', bytes.subarray(0, half));
    await until(() => catalogue.incoming().length === 1);
    expect(catalogue.incoming()).toEqual([{ name: 'new', path, bytes: half, expectedBytes: null }]);
    expect(namesOf(catalogue)).toEqual([]);
    await appendFile(path, bytes.subarray(half));
    await until(() => catalogue.incoming()[0]?.bytes === bytes.length);
    expect(namesOf(catalogue)).toEqual([]);
    await until(() => namesOf(catalogue).includes('new'));
    expect(catalogue.incoming()).toEqual([]);
    expect(catalogue.find('new').problem).toBeNull();
  });

  it('stays incoming for longer when its end is missing, and is then reported as cut off', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue({ settleMs: 40 });
    const bytes = modelBytes();
    await folder.write('cut.rkllm', bytes.subarray(0, bytes.length - 10));
    await until(() => catalogue.incoming().length === 1);
    await pause(3 * 40);
    expect(catalogue.incoming().map(({ name }) => name)).toEqual(['cut.rkllm']);
    await until(() => catalogue.models().length === 1);
    expect(catalogue.find('cut').problem).toMatch(/end of the file is missing/);
  });

  it('is waited for on a board whose clock is behind', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('future.rkllm');
    const future = Date.now() / 1000 + 1_000_000;
    await utimes(file, future, future);
    const catalogue = await folder.catalogue();
    expect(catalogue.incoming()).toHaveLength(1);
    await until(() => namesOf(catalogue).includes('future.rkllm'));
  });

  it('becomes incoming again when it is overwritten', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('again.rkllm');
    const catalogue = await folder.catalogue();
    await until(() => namesOf(catalogue).length === 1);
    await truncate(file, 100);
    await until(() => catalogue.incoming().length === 1 && catalogue.models().length === 0);
    await writeFile(file, modelBytes({ maxContext: 1024 }));
    await until(() => catalogue.models().length === 1);
    expect(catalogue.find('again').inspection.maxContext).toBe(1024);
  });
});

describe.concurrent('a download', () => {
  it('is incoming with the size that it will have, and ready at once when it is renamed into place', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue({ settleMs: 60_000 });
    const bytes = modelBytes();
    const partial = await folder.write('m/model.rkllm.partial', bytes);
    await folder.write(
      'm/model.rkllm.partial.json',
      JSON.stringify({ sizeBytes: 5000, receivedBytes: 4800 }),
    );
    await until(() => catalogue.incoming()[0]?.bytes === 4800);
    expect(catalogue.incoming()).toEqual([
      { name: 'm', path: partial, bytes: 4800, expectedBytes: 5000 },
    ]);
    expect(namesOf(catalogue)).toEqual([]);
    await rename(partial, folder.at('m/model.rkllm'));
    await rm(`${partial}.json`);
    await catalogue.refresh(folder.at('m/model.rkllm'));
    expect(namesOf(catalogue)).toEqual(['m']);
    expect(catalogue.incoming()).toEqual([]);
  });

  it('of a loose file has the name of the file', async () => {
    await using folder = await ModelsFolder.create();
    await folder.write('m.rkllm.partial', 'x');
    await folder.write('m.rkllm.partial.json', 'not json');
    const [incoming] = (await folder.catalogue()).incoming();
    expect(incoming).toMatchObject({ name: 'm.rkllm', expectedBytes: null });
  });

  it('of aria2 is no model while its control file is there', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('m.rkllm'), 1, 1);
    await folder.write('m.rkllm.aria2', 'x');
    await folder.write('d/m.rkllm.aria2', 'x');
    await utimes(await folder.model('d/m.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    expect(catalogue.models()).toEqual([]);
    await Promise.all([rm(folder.at('m.rkllm.aria2')), rm(folder.at('d/m.rkllm.aria2'))]);
    await until(() => catalogue.models().length === 2);
  });

  it('cannot make the catalogue look outside the models folder', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    await expect(catalogue.refresh('/etc/passwd')).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
