import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ModelsFolder, namesOf } from './models-folder.ts';

const catalogueUrl = new URL('../../src/library/catalogue.ts', import.meta.url).href;

/** Deletes model `m` as soon as it is told to. */
const program = (folder: string) => `
  const { Catalogue } = await import(${JSON.stringify(catalogueUrl)});
  const catalogue = new Catalogue({ folder: ${JSON.stringify(folder)} });
  await catalogue.start();
  process.stdin.once('data', () => catalogue.remove('m'));
  process.stdout.write('ready');
`;

describe('a daemon that is killed while it deletes a model', () => {
  it.each([0, 2, 4, 6, 9])('(after %i ms) leaves the whole model or none', async (delayMs) => {
    await using folder = await ModelsFolder.create();
    await utimes(await folder.model('m/model.rkllm'), 1, 1);
    const tokens = Array.from({ length: 200 }, (_, file) => `m/tokenizer/${file}.json`);
    for (const path of tokens) await folder.write(path, '{}');
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(folder.path)]);
    await once(child.stdout, 'data');
    child.stdin.write('go');
    await pause(delayMs);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const files = existsSync(folder.at('m')) ? await readdir(folder.at('m/tokenizer')) : [];
    expect([0, 200]).toContain(files.length);
    const catalogue = await folder.catalogue();
    expect(namesOf(catalogue)).toEqual(files.length === 0 ? [] : ['m']);
    expect((await readdir(folder.path)).filter((name) => /trash/.test(name))).toEqual([]);
  });
});
