import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDaemon } from '../../scripts/build.ts';
import { renderCopyright } from '../../scripts/package/copyright.ts';
import { type BundledPackage, bundledPackages } from '../../scripts/package/licences.ts';

const node = `node_modules/node-linux-${process.arch}`;
const beside = ['node_modules/koffi', `node_modules/@koromix/koffi-linux-${process.arch}`, node];

let metafile: Metafile;
let packages: readonly BundledPackage[];
beforeAll(async () => {
  metafile = await buildDaemon(join(await mkdtemp(join(tmpdir(), 'rkllamad-bundle-')), 'dist'));
  packages = await bundledPackages(metafile, beside);
});

describe('the licences of a package', () => {
  it('are there for every package that the programs are built with', () => {
    const names = packages.map(({ name }) => name);
    // Some that are certainly in it; one that is not, and only develops.
    const some = ['express', 'zod', 'pino', 'chokidar', 'koffi', '@huggingface/hub', 'body-parser'];
    expect(names).toEqual(expect.arrayContaining(some));
    expect(names).toContain(`node-linux-${process.arch}`);
    expect(names).not.toContain('vitest');
    expect(new Set(names).size).toBe(names.length);
  });

  it('name who has the rights, and are whole texts', () => {
    for (const { name, copyright, text } of packages) {
      expect(copyright.length, name).toBeGreaterThan(0);
      expect(text.length, name).toBeGreaterThan(500);
    }
  });

  it('allow what the project does: to be given on, in a whole that is under Apache-2.0', () => {
    const fitting = [
      'MIT',
      'ISC',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'Apache-2.0',
      'BlueOak-1.0.0',
      '0BSD',
    ];
    const others = packages.filter(({ license }) => !fitting.includes(license));
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  it('are refused to be guessed', async () => {
    const folder = 'node_modules/koffi/src';
    await expect(bundledPackages(metafile, [folder])).rejects.toThrow();
  });
});

describe('debian/copyright', () => {
  it('has a stanza for each package, in the form that machines read', () => {
    const text = renderCopyright('Format: x\n', packages);
    for (const { name } of packages) expect(text).toContain(`\nFiles: node_modules/${name}/*\n`);
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^(?:$| .*\S|(?:Format|Files|Comment|Copyright|License): \S)/);
    }
  });
});
