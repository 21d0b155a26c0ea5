import {
  appendFile,
  mkdir,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/library/index.ts';
import { ModelsFolder, modelBytes, namesOf, settleMs, until } from './models-folder.ts';

describe('the catalogue', () => {
  it('lists folders, namespaces and loose files by name, and moves none of them', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('loose.rkllm');
    await folder.model('folder/weights.rkllm');
    await folder.model('user/nested/weights.rkllm');
    await folder.model('folder/tokenizer/no-model.rkllm');
    await folder.model('.hidden/weights.rkllm');
    await folder.write('.hidden.rkllm', modelBytes());
    await folder.write('notes.txt', 'x');
    await folder.write('lora/adapter.rkllm', modelBytes({ kind: 'lora' }));
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 3);
    expect(catalogue.models().map(({ name, path, folder: own }) => ({ name, path, own }))).toEqual([
      { name: 'folder', path: folder.at('folder/weights.rkllm'), own: folder.at('folder') },
      { name: 'loose.rkllm', path: folder.at('loose.rkllm'), own: null },
      {
        name: 'user/nested',
        path: folder.at('user/nested/weights.rkllm'),
        own: folder.at('user/nested'),
      },
    ]);
  });

  it('does nothing before its start', async () => {
    const catalogue = new Catalogue({ folder: '/nonexistent' });
    expect(catalogue.incoming()).toEqual([]);
    await catalogue.stop();
  });

  it('lists files from long ago at once', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('old.rkllm');
    await utimes(file, 1, 1);
    expect(namesOf(await folder.catalogue({ settleMs: 60_000 }))).toEqual(['old.rkllm']);
  });

  it('says what does not fit this board, and says it anew when the board is known', async () => {
    await using folder = await ModelsFolder.create();
    const file = await folder.model('m-rk3576.rkllm', { platform: 'RK3576' });
    await utimes(file, 1, 1);
    let platform: string | null = null;
    const catalogue = await folder.catalogue({ board: () => ({ platform }) });
    expect(catalogue.find('m-rk3576').problem).toBeNull();
    platform = 'RK3588';
    await catalogue.refresh();
    expect(catalogue.find('m-rk3576').problem).toMatch(/for RK3576, this board is RK3588/);
  });

  it('prefers, in a folder with several files, the one that this board can run', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('m/a-rk3576.rkllm', { platform: 'RK3576' });
    await folder.model('m/b-rk3588.rkllm');
    const catalogue = await folder.catalogue({ board: () => ({ platform: 'RK3588' }) });
    await until(() => catalogue.models().length === 1);
    expect(catalogue.find('m').path).toBe(folder.at('m/b-rk3588.rkllm'));
  });

  it('names the vision encoder and the LoRA files beside a model', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('vl/model.rkllm');
    await folder.write('vl/vision.rknn', 'x');
    await folder.model('vl/style.rkllm', { kind: 'lora' });
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 1 && catalogue.incoming().length === 0);
    const { visionEncoder, loras } = catalogue.find('vl').inspection;
    expect({ visionEncoder, loras }).toEqual({
      visionEncoder: folder.at('vl/vision.rknn'),
      loras: [folder.at('vl/style.rkllm')],
    });
  });

  it('keeps the same model objects until something changes', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await until(() => catalogue.find('a').digest !== null);
    const before = catalogue.find('a');
    await catalogue.refresh();
    expect(catalogue.find('a')).toBe(before);
    expect(Object.isFrozen(before)).toBe(true);
  });
});

describe('a file that is being copied', () => {
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

describe('a download', () => {
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

describe('changes in the models folder', () => {
  it('are followed: renamed, deleted, moved in and out', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('a/model.rkllm');
    await utimes(folder.at('a/model.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await rename(folder.at('a'), folder.at('b'));
    await until(() => namesOf(catalogue).join() === 'b');
    await mkdir(folder.at('user'));
    await rename(folder.at('b'), folder.at('user/c'));
    await until(() => namesOf(catalogue).join() === 'user/c');
    await rename(folder.at('user/c/model.rkllm'), folder.at('d.rkllm'));
    await until(() => namesOf(catalogue).join() === 'd.rkllm');
    await rm(folder.at('d.rkllm'));
    await until(() => namesOf(catalogue).length === 0);
  });

  it('are told once they can be seen', async () => {
    await using folder = await ModelsFolder.create();
    const catalogue = await folder.catalogue();
    const seen: string[][] = [];
    catalogue.changes.on('change', () => seen.push(namesOf(catalogue)));
    await folder.model('a.rkllm');
    await until(() => seen.some((names) => names.includes('a.rkllm')));
  });

  it('of a Modelfile are read', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('m/model.rkllm');
    const catalogue = await folder.catalogue();
    await until(() => catalogue.models().length === 1);
    await folder.write('m/Modelfile', 'FROM=model.rkllm\nTOP_K=3\n');
    await until(() => catalogue.find('m').modelfile.sampling?.topK === 3);
    await rm(folder.at('m/Modelfile'));
    await until(() => catalogue.find('m').modelfile.sampling === undefined);
  });

  it('in the middle of the first look are not missed', async () => {
    await using folder = await ModelsFolder.create();
    for (let index = 0; index < 50; index++) await folder.model(`m${index}/model.rkllm`);
    const starting = folder.catalogue({ settleMs: 20 });
    const adding = folder.model('late/model.rkllm');
    const [catalogue] = await Promise.all([starting, adding]);
    await until(() => namesOf(catalogue).length === 51);
  });
});

describe('links in the models folder', () => {
  it('to a folder and to a file are models, and follow their targets', async () => {
    await using folder = await ModelsFolder.create();
    await mkdir(`${folder.home}/disk/m`, { recursive: true });
    await writeFile(`${folder.home}/disk/m/model.rkllm`, modelBytes());
    await symlink(`${folder.home}/disk/m`, folder.at('linked'));
    await symlink(`${folder.home}/disk/m/model.rkllm`, folder.at('file.rkllm'));
    const catalogue = await folder.catalogue();
    await until(() => namesOf(catalogue).join() === 'file.rkllm,linked');
    await rm(`${folder.home}/disk/m`, { recursive: true });
    await catalogue.refresh();
    expect(namesOf(catalogue)).toEqual([]);
  });

  it('that dangle or lead in circles are passed over', async () => {
    await using folder = await ModelsFolder.create();
    await symlink('/nowhere/at/all', folder.at('dangling.rkllm'));
    await symlink(folder.path, folder.at('circle'));
    await symlink('/', folder.at('everything'));
    await mkdir(folder.at('user'));
    await symlink('..', folder.at('user/up'));
    await symlink('loop', folder.at('loop'));
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    expect(namesOf(catalogue)).toEqual(['a.rkllm']);
  });
});

describe('the models folder itself', () => {
  it('may be missing at the start and appear later', async () => {
    await using folder = await ModelsFolder.create();
    await rm(folder.path, { recursive: true });
    const catalogue = await folder.catalogue();
    expect(() => catalogue.models()).toThrow(
      expect.objectContaining({
        code: 'models_folder_missing',
        message: `The directory ${folder.path} is not found.`,
      }),
    );
    expect(() => catalogue.find('a')).toThrow(/is not found/);
    await utimes(await folder.model('a.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'a.rkllm'));
    await utimes(await folder.model('b.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'b.rkllm'));
  });

  it('may vanish, and be another one when it comes back', async () => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('a.rkllm'), 1, 1);
    const catalogue = await folder.catalogue();
    await rename(folder.path, `${folder.path}-away`);
    await until(() => !isListed(catalogue, 'a.rkllm'));
    await until(() => throws(() => catalogue.models()));
    await utimes(await folder.model('c.rkllm'), 1, 1);
    await until(() => isListed(catalogue, 'c.rkllm'));
    expect(namesOf(catalogue)).toEqual(['c.rkllm']);
  });

  it('is found at once when a model was pulled into a new one', async () => {
    await using folder = await ModelsFolder.create();
    await rm(folder.path, { recursive: true });
    const catalogue = await folder.catalogue();
    const path = await folder.model('m/model.rkllm');
    await catalogue.refresh(path);
    expect(namesOf(catalogue)).toEqual(['m']);
  });

  it('is shown as its owner writes it', async () => {
    const catalogue = new Catalogue({ folder: `${process.env['HOME']}/RKLLAMA/no-such-models` });
    await catalogue.start();
    expect(() => catalogue.models()).toThrow(
      'The directory ~/RKLLAMA/no-such-models is not found.',
    );
    await catalogue.stop();
  });
});

function isListed(catalogue: Catalogue, name: string): boolean {
  return !throws(() => catalogue.models()) && namesOf(catalogue).includes(name);
}

function throws(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}

// A folder that nobody may read cannot be made by root, who may read everything.
describe.skipIf(process.getuid?.() === 0)('an unreadable', () => {
  it('folder is passed over and logged once; a file is listed with the reason', async () => {
    await using folder = await ModelsFolder.create();
    await folder.model('secret/model.rkllm');
    const file = await folder.model('file.rkllm');
    await utimes(file, 1, 1);
    const { chmod } = await import('node:fs/promises');
    await Promise.all([chmod(folder.at('secret'), 0o000), chmod(file, 0o000)]);
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, warn: (_: object, words: string) => warnings.push(words) };
    const catalogue = await folder.catalogue({ log, settleMs });
    expect(namesOf(catalogue)).toEqual(['file.rkllm']);
    expect(catalogue.find('file').problem).toMatch(/^The file cannot be read: EACCES/);
    await catalogue.refresh();
    expect(warnings.filter((words) => /unreadable/.test(words))).toHaveLength(1);
    await Promise.all([chmod(folder.at('secret'), 0o755), chmod(file, 0o644)]);
    await catalogue.refresh();
    await until(() => namesOf(catalogue).length === 2);
    expect(catalogue.find('file').problem).toBeNull();
  });
});
