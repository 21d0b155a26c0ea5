import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { buildDaemon } from '../../scripts/build.ts';
import { placeFiles } from '../../scripts/package/files.ts';
import { renderConfigFile } from '../../src/config/index.ts';

const program = 'usr/lib/rkllamad';

let tree: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rkllamad-files-'));
  const bundle = join(folder, 'bundle');
  await buildDaemon(bundle, '9.8.7');
  tree = join(folder, 'tree');
  const date = new Date('2026-01-02T03:04:05Z');
  await placeFiles(tree, { bundle, modules: 'node_modules', npm: process.arch, date });
});

describe('what the package installs', () => {
  it('runs with what is in it, and knows its version', () => {
    const own = (script: string) =>
      execFileSync(join(tree, program, 'node'), [join(tree, program, script), '--version'], {
        cwd: '/',
        env: {},
        encoding: 'utf8',
      });
    expect(own('daemon.js')).toBe('rkllamad 9.8.7\n');
    expect(own('cli.js')).toContain('9.8.7');
  });

  it('opens native libraries with the koffi that is in it', () => {
    const script = `import koffi from 'koffi';
      console.log(koffi.load('libc.so.6').func('int abs(int)')(-5));`;
    const args = ['--input-type=module', '--eval', script];
    const node = join(tree, program, 'node');
    expect(execFileSync(node, args, { cwd: join(tree, program), env: {}, encoding: 'utf8' })).toBe(
      '5\n',
    );
  });

  it('has the programs that the units start, and their manuals', async () => {
    const units = join(tree, 'lib/systemd/system');
    for (const name of await readdir(units)) {
      const text = await readFile(join(units, name), 'utf8');
      for (const [, path = ''] of text.matchAll(/^Exec\w+=(\/usr\/lib\/rkllamad\/\S+)/gm)) {
        expect((await stat(join(tree, path))).mode & 0o111, path).toBe(0o111);
      }
      for (const [, page = '', section] of text.matchAll(/man:([\w.]+)\((\d)\)/g)) {
        await stat(join(tree, `usr/share/man/man${section}`, `${page}.${section}`));
      }
    }
  });

  it('has the configuration file of the table of settings', async () => {
    const text = await readFile(join(tree, 'etc/rkllamad/config.toml'), 'utf8');
    expect(text).toBe(renderConfigFile());
  });

  it('has documents whose links lead to what is there', async () => {
    const documents = join(tree, 'usr/share/doc/rkllamad');
    const names = (await readdir(documents, { recursive: true })).filter((name) =>
      name.endsWith('.md'),
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'README.md',
        'docs/CLI.md',
        'docs/decisions/0001-rkllama-contract.md',
      ]),
    );
    let links = 0;
    for (const name of names) {
      const text = await readFile(join(documents, name), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        links += 1;
        await expect(stat(join(documents, dirname(name), target)), name).resolves.toBeDefined();
      }
    }
    expect(links).toBeGreaterThan(40);
    const readme = await readFile(join(documents, 'README.md'), 'utf8');
    expect(readme).toContain('a simulator stands in for it');
  });

  it('has no simulator, no runtime of Rockchip and nothing to build with', async () => {
    const files = await readdir(tree, { recursive: true });
    const odd = files.filter((file) => /simulator|librkllm|\.(cc|hh|h|S|map|ts)$/.test(file));
    expect(odd).toEqual([]);
  });

  it('does not tell where it was built', async () => {
    const scripts = (await readdir(join(tree, program), { recursive: true })).filter((file) =>
      file.endsWith('.js'),
    );
    expect(scripts.length).toBeGreaterThan(5);
    for (const file of scripts) {
      const text = await readFile(join(tree, program, file), 'utf8');
      expect(text.includes(process.cwd()), file).toBe(false);
    }
  });

  it('has the version of package.json where none is given', async () => {
    const bundle = join(await mkdtemp(join(tmpdir(), 'rkllamad-bundle-')), 'dist');
    await buildDaemon(bundle);
    const texts = await Promise.all(
      (await readdir(bundle, { recursive: true }))
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFile(join(bundle, file), 'utf8')),
    );
    expect(texts.some((text) => text.includes(`"${manifest.version}"`))).toBe(true);
  });
});
