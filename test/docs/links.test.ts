import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { entries } from '../../src/cli/entries.ts';

/** What the documents name is there: pages, headings, files, folders, commands. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  'README.md',
  'CHANGELOG.md',
  'simulator/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const fenced = /^```.*?^```$/gms;

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsIn(page: string): string[] {
  const headings = read(page)
    .replaceAll(fenced, '')
    .matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  const text = read(page);
  const prose = text.replaceAll(fenced, '');

  it('links to pages and headings that are there', () => {
    const links = Array.from(prose.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target);
    const broken = links
      .filter((target) => !/^\w+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const linked = path === '' ? page : relative(root, join(root, dirname(page), path));
        if (!existsSync(join(root, linked))) return true;
        return anchor !== undefined && !anchorsIn(linked).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const named = Array.from(
      prose.matchAll(/`((?:src|scripts|test|docs|bench)\/[\w./-]+)`/g),
      ([, path = '']) => path,
    );
    const places = [root, join(root, dirname(page))];
    const missing = named.filter((path) => !places.some((place) => existsSync(join(place, path))));
    expect(missing).toEqual([]);
  });

  it('tells to run commands that rkllama has', () => {
    const blocks = (text.match(fenced) ?? []).join('\n');
    const told = Array.from(
      blocks.matchAll(/(?:^|\bsudo |[|$(] ?)rkllama ([a-z]+)/gm),
      ([, name = '']) => name,
    );
    const known = entries.flatMap(({ name, alias }) => [name, alias]);
    expect(told.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  const text = read('docs/ARCHITECTURE.md');
  const foldersIn = (path: string) =>
    readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? entry.name : [],
    );

  it.each(['src', 'src/http', 'src/engine', 'src/library'])('names every folder of %s', (path) => {
    expect(foldersIn(path).filter((name) => !text.includes(`${name}/`))).toEqual([]);
  });

  it('names files on the way of a request that are there', () => {
    const [, table = ''] = /file by file(.*?)^- /ms.exec(text) ?? [];
    const named = Array.from(table.matchAll(/`([\w/.-]+\.ts)`/g), ([, path = '']) => path);
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    expect(named.length).toBeGreaterThan(15);
    expect(
      named.filter((name) => !sources.some((path) => `/${path}`.endsWith(`/${name}`))),
    ).toEqual([]);
  });
});
