/** What `scripts/vm-test` does: build two versions of the package, boot Debians, show a table. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { debianVersion } from './package/changelog.ts';
import { bootContainer } from './vm/container.ts';
import { bootMachine } from './vm/machine.ts';
import { Report } from './vm/report.ts';
import { visit } from './vm/visit.ts';

const suites = ['bullseye', 'bookworm', 'trixie'];
const usage = `scripts/vm-test [${suites.join('|')}|all] [OPTIONS]

Boots an emulated arm64 Debian (bookworm unless said otherwise), installs the package with apt, puts
the simulator where Rockchip's runtime belongs, and checks that all is as it should be. Without KVM, a
machine takes a few minutes. The log is kept in build/vm.

The images are made at the first use, which takes root, a Debian mirror (RKLLAMAD_VM_MIRROR, or the one
of this machine) and some minutes. They are kept in ~/.cache/rkllamad-vm.

  --container       no emulation: a container with systemd, for amd64 and without a network. Quicker, and
                    proves less. Takes root; the Debian has to be this machine's or newer.
  --keep-packages   take the packages that were built the last time
`;

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rkllamad-vm');
const output = join('build', 'vm');
/** Emulation is slow, and the machine that emulates may be busy. */
const limitSeconds = 1800;

type Kind = 'machine' | 'container';
const architectureOf = { machine: 'arm64', container: 'amd64' } as const;

await main().catch((error: unknown) => {
  process.stderr.write(`scripts/vm-test: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      container: { type: 'boolean', default: false },
      'keep-packages': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [which = 'bookworm'] = positionals;
  if (which !== 'all' && !suites.includes(which)) throw new Error(`unknown: ${which}\n\n${usage}`);
  await mkdir(output, { recursive: true });
  const kind = values.container ? 'container' : 'machine';
  const packages = await buildPackages(architectureOf[kind], values['keep-packages']);
  for (const suite of which === 'all' ? suites : [which]) {
    if (!(await passes(suite, kind, packages))) process.exitCode = 1;
  }
}

interface Packages {
  first: string;
  /** Of a higher version. */
  second: string;
}

async function buildPackages(architecture: string, isKept: boolean): Promise<Packages> {
  const later = `${manifest.version}+vm.1`;
  const name = (version: string) => `rkllamad_${debianVersion(version)}_${architecture}.deb`;
  for (const version of [manifest.version, later]) {
    if (isKept && existsSync(join(output, name(version)))) continue;
    command('scripts/build-deb', [architecture, '--package-version', version]);
    await rename(join('build', 'deb', name(version)), join(output, name(version)));
  }
  return { first: join(output, name(manifest.version)), second: join(output, name(later)) };
}

/** Runs all checks on one Debian and prints their table. */
async function passes(suite: string, kind: Kind, packages: Packages): Promise<boolean> {
  const base = join(cache, kind === 'machine' ? suite : `${suite}-container`);
  if (kind === 'machine') make(`${base}.img`, 'test/vm/make-image', [suite, cache]);
  else make(base, 'test/vm/make-container', [suite, base]);
  const payload = join(output, `payload-${suite}-${kind}`);
  await layPayload(payload, kind, packages, `${base}.sysroot`);

  process.stdout.write(`\nDebian ${suite}, ${architectureOf[kind]} ${kind}\n`);
  const report = new Report(process.stdout);
  report.figure('package, MB', ((await stat(packages.first)).size / 1e6).toFixed(1));
  const log = join(output, `${suite}-${kind}.log`);
  const hostPort = await freePort();
  const onLine = (line: string) => {
    report.line(line);
    // A visit that fails is seen by the guest, which waits for it.
    if (line === '@@ host') visit(`http://127.0.0.1:${hostPort}`).catch(() => {});
  };
  const parts = { payload, log, limitSeconds, onLine };
  if (kind === 'machine') await bootMachine({ ...parts, image: base, hostPort });
  else await bootContainer({ ...parts, tree: base });
  await rm(payload, { recursive: true });
  process.stdout.write(`${report.summary()}Log: ${log}\n`);
  return report.isGood;
}

/** Packages, checks, and what stands in for Rockchip's runtime and a model. */
async function layPayload(
  folder: string,
  kind: Kind,
  packages: Packages,
  sysroot: string,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await copyFile(packages.first, join(folder, 'first.deb'));
  await copyFile(packages.second, join(folder, 'second.deb'));
  for (const name of ['start', 'sandbox-probe']) {
    await cp(join('test', 'vm', 'guest', name), join(folder, name));
  }
  const simulator = ['--abi', '1.2.3', '--out', join(folder, 'librkllmrt.so')];
  // Against the C library of that Debian: this machine's may be newer.
  if (kind === 'container') command('scripts/simulator', simulator);
  else {
    const environment = { CFLAGS: `--sysroot=${sysroot}` };
    command('scripts/simulator', [...simulator, '--arch', 'arm64'], environment);
  }
  command(process.execPath, ['simulator/make-model.ts', '--out', join(folder, 'demo.rkllm')]);
}

/** Makes what is not there yet, as root. */
function make(path: string, script: string, args: readonly string[]): void {
  if (existsSync(path)) return;
  process.stdout.write(`Making ${path}: some minutes, once.\n`);
  if (process.getuid?.() === 0) command(script, args);
  else command('sudo', [script, ...args]);
}

/** A port of the loopback that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

function command(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, error } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
}
