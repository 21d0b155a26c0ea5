/** What `scripts/build-deb` does: bundle, gather, pack. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { type Architecture, architectures, isArchitecture } from './package/architecture.ts';
import { buildPackage } from './package/build-package.ts';

const usage = `scripts/build-deb arm64|amd64 [OPTIONS]

Builds build/deb/rkllamad_VERSION_ARCHITECTURE.deb, on a machine of either architecture.

  --package-version VERSION   instead of the one of package.json
  --check-reproducible        build twice, and fail where the bytes differ
`;

await main().catch((error: unknown) => {
  process.stderr.write(`scripts/build-deb: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'package-version': { type: 'string', default: manifest.version },
      'check-reproducible': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [architecture] = positionals;
  if (architecture === undefined || !isArchitecture(architecture) || positionals.length > 1) {
    throw new Error(
      `for which architecture? One of: ${Object.keys(architectures).join(', ')}\n\n${usage}`,
    );
  }
  const version = values['package-version'];
  const file = await build(architecture, version, 'once');
  if (values['check-reproducible']) {
    const first = await digestOf(file);
    const second = await digestOf(await build(architecture, version, 'again'));
    if (first !== second) throw new Error(`two builds differ: ${first} and ${second}`);
    process.stdout.write(`Two builds, the same bytes: SHA-256 ${first}\n`);
  }
  const { size } = await stat(file);
  process.stdout.write(`${file} ${(size / 1e6).toFixed(1)} MB\n`);
}

/** Each build has a folder of its own, so that a path that leaks into the package is seen. */
async function build(architecture: Architecture, version: string, name: string): Promise<string> {
  const work = join('build', 'deb', `${architecture}-${name}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const packed = await buildPackage({ architecture, version, work });
  if (name !== 'once') return packed;
  const file = join('build', 'deb', packed.slice(work.length + 1));
  await rename(packed, file);
  await rm(work, { recursive: true });
  return file;
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
