import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDaemon } from '../build.ts';
import { type Architecture, architectures } from './architecture.ts';
import { changelogEntry, debianVersion, lastChange } from './changelog.ts';
import { run } from './command.ts';
import { renderCopyright } from './copyright.ts';
import { placeFiles } from './files.ts';
import { bundledPackages } from './licences.ts';
import { assertRunsOn } from './needs.ts';

interface Order {
  architecture: Architecture;
  /** As in package.json. */
  version: string;
  /** An empty folder, for everything that is made on the way. */
  work: string;
}

/**
 * Makes the tree of a Debian source package out of what was built, and has Debian's tools pack it.
 * @returns the path of the package, in `work`
 */
export async function buildPackage({ architecture, version, work }: Order): Promise<string> {
  const { npm, tools, binutils } = architectures[architecture];
  const strip = `${tools}-strip`;
  if (run('sh', ['-c', `command -v ${strip} || true`]) === '') {
    throw new Error(`needs ${strip}: sudo apt install ${binutils}`);
  }
  const date = lastChange();
  const bundle = join(work, 'bundle');
  const metafile = await buildDaemon(bundle, version);
  const modules = await installModules(npm, join(work, 'npm'));

  const source = join(work, `rkllamad-${debianVersion(version)}`);
  await cp('debian', join(source, 'debian'), { recursive: true });
  const node = join(modules, `node-linux-${npm}`);
  const koffi = [join(modules, 'koffi'), join(modules, '@koromix', `koffi-linux-${npm}`)];
  await placeFiles(join(source, 'files'), { bundle, modules, npm, date });
  await assertRunsOn(join(source, 'files'), join(source, 'debian', 'control'));

  const packages = await bundledPackages(metafile, [...koffi, node]);
  const template = await readFile('debian/copyright.in', 'utf8');
  await writeFile(join(source, 'debian', 'copyright'), renderCopyright(template, packages));
  const control = await readFile('debian/control', 'utf8');
  await writeFile(join(source, 'debian', 'changelog'), changelogEntry({ version, control, date }));

  run('dpkg-buildpackage', [`-a${architecture}`, '-b', '-us', '-uc', '-d'], {
    cwd: source,
    env: { ...process.env, DEB_BUILD_OPTIONS: 'nocheck', LC_ALL: 'C.UTF-8' },
  });
  const name = (await readdir(work)).find((file) => file.endsWith('.deb'));
  if (name === undefined) throw new Error('dpkg-buildpackage made no package');
  return join(work, name);
}

/** The production packages for another machine, held against the lock file's digests by npm. */
async function installModules(cpu: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) await cp(file, join(folder, file));
  const target = [`--cpu=${cpu}`, '--os=linux', '--libc=glibc'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', ...target, ...quiet], {
    cwd: folder,
  });
  return join(folder, 'node_modules');
}
