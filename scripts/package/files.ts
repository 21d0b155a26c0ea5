/** The tree of files that the package installs. */
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { completionScript } from '../../src/cli/completion.ts';
import { manPages } from '../../src/cli/man-pages.ts';

interface Built {
  /** Where the bundle is. */
  bundle: string;
  /** `node_modules` of the target machine. */
  modules: string;
  /** The target machine, as npm calls it. */
  npm: string;
  /** Of the package, in the manual pages. */
  date: Date;
}

const program = 'usr/lib/rkllamad';

const launcher = `#!/bin/sh
exec /${program}/node /${program}/cli.js "$@"
`;

/** Completions, by where each shell looks for them. */
const completions = {
  'usr/share/bash-completion/completions/rkllama': 'bash',
  'usr/share/zsh/vendor-completions/_rkllama': 'zsh',
  'usr/share/fish/vendor_completions.d/rkllama.fish': 'fish',
} as const;

/** Lays everything that is installed into `tree`, by its path. */
export async function placeFiles(tree: string, built: Built): Promise<void> {
  await placeProgram(tree, built);
  await placeService(tree);
  await placeManuals(tree, built.date);
}

async function placeProgram(tree: string, { bundle, modules, npm }: Built): Promise<void> {
  await copy(bundle, join(tree, program));
  // It is started through the launcher, with the Node.js of the package.
  const script = join(tree, program, 'cli.js');
  await writeFile(script, (await readFile(script, 'utf8')).replace(/^#!.*\n/, ''));
  await copy(join(modules, `node-linux-${npm}`, 'bin', 'node'), join(tree, program, 'node'));
  // koffi's sources, and its native part for another C library, stay out.
  const native = `@koromix/koffi-linux-${npm}`;
  for (const file of [
    'koffi/package.json',
    'koffi/index.js',
    'koffi/src/koffi/index.js',
    'koffi/src/koffi/src/static.js',
    `${native}/package.json`,
    `${native}/index.js`,
    `${native}/linux_${npm}/koffi.node`,
  ]) {
    await copy(join(modules, file), join(tree, program, 'node_modules', file));
  }
  await write(join(tree, 'usr/bin/rkllama'), launcher, 0o755);
}

async function placeService(tree: string): Promise<void> {
  await copy('config/config.toml', join(tree, 'etc/rkllamad/config.toml'));
  for (const name of await readdir('systemd')) {
    if (!/\.(service|socket)$/.test(name)) continue;
    await copy(join('systemd', name), join(tree, 'lib/systemd/system', name));
  }
  await copy('systemd/rkllamad-clocks', join(tree, program, 'rkllamad-clocks'));
  for (const kind of ['sysusers.d', 'tmpfiles.d']) {
    await copy(
      join('systemd', kind, 'rkllamad.conf'),
      join(tree, 'usr/lib', kind, 'rkllamad.conf'),
    );
  }
}

async function placeManuals(tree: string, date: Date): Promise<void> {
  for (const [path, shell] of Object.entries(completions)) {
    await write(join(tree, path), completionScript(shell));
  }
  for (const [name, text] of await manPages(date)) {
    const section = name.slice(name.lastIndexOf('.') + 1);
    await write(join(tree, `usr/share/man/man${section}`, name), text);
  }
  const below = (await readdir('docs', { recursive: true })).map((name) => join('docs', name));
  const documents = ['README.md', 'CHANGELOG.md', ...below].filter((path) => path.endsWith('.md'));
  for (const path of documents) {
    const text = await readFile(path, 'utf8');
    const folder = dirname(path);
    await write(join(tree, 'usr/share/doc/rkllamad', path), withoutLeads(text, folder, documents));
  }
}

/** A document without its links to what is not installed with it; their words stay. */
function withoutLeads(text: string, folder: string, documents: readonly string[]): string {
  return text.replaceAll(/\[([^\][]+)\]\(([^)#\s]+)[^)]*\)/g, (link, words, target) => {
    const path = join(folder, target).replace(/\/$/, '');
    const isThere = documents.some((each) => each === path || dirname(each) === path);
    return /^[a-z]+:/.test(target) || isThere ? link : words;
  });
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true });
  // Bundles and downloads carry whatever rights their makers had.
  if (basename(to) === 'node' || basename(to) === 'rkllamad-clocks') await chmod(to, 0o755);
}

async function write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
}
