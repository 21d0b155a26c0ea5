/** Brings a runtime onto this machine: fetched or from a file, proven, then put in its place. */
import { ApplianceError } from '../errors.ts';
import {
  bannerIn,
  isRuntimeVersion,
  type RuntimeVersion,
  runtimeVersions,
} from '../rkllm/index.ts';
import { digestsOf, releaseOf, verify } from './digest.ts';
import { type DownloadOptions, download } from './download.ts';
import { elfProblem, isMachine, type Machine } from './elf.ts';
import type { Digests, Release } from './releases.ts';
import type { RuntimeStore } from './store.ts';

export interface InstalledRuntime {
  version: RuntimeVersion;
  path: string;
  /** Digests that were compared; empty for a file that nobody vouches for. */
  verifiedBy: readonly (keyof Digests)[];
  simulator: boolean;
}

interface Target {
  store: RuntimeStore;
  /** Node's name of this machine's processor. */
  arch: string;
}

/**
 * Fetches a release, and installs it when it is what Rockchip published. Throws `pull_failed`, or
 * `runtime_unsupported` with nothing written.
 */
export async function installRelease(
  release: Release,
  { store, arch, ...options }: Target & DownloadOptions,
): Promise<InstalledRuntime> {
  const machine = requireBoard(arch);
  const content = await download(release, options);
  const verifiedBy = verify(release, content);
  const { simulator } = inspect(content, machine, release.version);
  const path = await store.install(release.version, content);
  return { version: release.version, path, verifiedBy, simulator };
}

/** Gives `arch` back. Throws `runtime_unsupported` for a processor that the releases are not for. */
export function requireBoard(arch: string): 'arm64' {
  if (arch === 'arm64') return arch;
  throw new ApplianceError(
    'runtime_unsupported',
    `Rockchip's library is for arm64 boards, and this machine is ${arch}. Run this on the board.`,
  );
}

interface FileOptions extends Target {
  /** The releases that are known. */
  releases: readonly Release[];
  /** Take a file whose digest nobody has published. */
  unverified: boolean;
}

/** Installs a file's content, for boards without a way to the internet. Throws like `installRelease`. */
export async function installFile(
  content: Buffer,
  { store, arch, releases, unverified }: FileOptions,
): Promise<InstalledRuntime> {
  const release = releaseOf(releases, content);
  if (release === null && !unverified) throw unpublished(content, arch, releases);
  const { version, simulator } = inspect(content, machineOf(arch), release?.version);
  const path = await store.install(version, content);
  return { version, path, verifiedBy: release ? verify(release, content) : [], simulator };
}

/** What the file says of itself, when this machine can load it. */
function inspect(
  content: Buffer,
  machine: Machine,
  expected: RuntimeVersion | undefined,
): { version: RuntimeVersion; simulator: boolean } {
  const refuse = (why: string): never => {
    throw new ApplianceError('runtime_unsupported', `The file is refused: ${why}.`);
  };
  const problem = elfProblem(content, machine);
  if (problem !== null) return refuse(problem);
  const banner = bannerIn(content);
  const version = banner?.version ?? expected;
  if (version === undefined)
    return refuse('it is no librkllmrt.so, as it states no version of one');
  if (!isRuntimeVersion(version)) {
    const known = runtimeVersions.join(', ');
    return refuse(`it is version ${version}, whose interface is not known (known: ${known})`);
  }
  if (expected !== undefined && version !== expected) {
    return refuse(`it says that it is version ${version}, and ${expected} was expected`);
  }
  return { version, simulator: banner?.simulator ?? false };
}

function unpublished(content: Buffer, arch: string, all: readonly Release[]): ApplianceError {
  const banner = bannerIn(content);
  const problem = elfProblem(content, machineOf(arch));
  const known = all.find(({ version }) => version === banner?.version);
  const claim = known ? `says that it is version ${known.version}, but it is not` : 'is not';
  return new ApplianceError(
    'runtime_unsupported',
    problem !== null
      ? `The file is refused: ${problem}.`
      : `The file ${claim} what Rockchip published (its SHA-256 is ${digestsOf(content).sha256}). ` +
          'If you know where it comes from, add --unverified.',
  );
}

function machineOf(arch: string): Machine {
  if (isMachine(arch)) return arch;
  throw new ApplianceError('runtime_unsupported', `There is no runtime for ${arch} processors.`);
}
