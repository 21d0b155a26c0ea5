/** Proof that a file is the one that Rockchip published. */
import { createHash } from 'node:crypto';
import { ApplianceError } from '../errors.ts';
import type { Digests, Release } from './releases.ts';

/** The digests that a file was held against, in words. */
export const digestNames: Record<keyof Digests, string> = {
  gitBlob: 'git blob id (SHA-1)',
  sha256: 'SHA-256',
};

export function digestsOf(content: Uint8Array): Required<Digests> {
  const header = `blob ${content.length}\0`;
  return {
    gitBlob: createHash('sha1').update(header).update(content).digest('hex'),
    sha256: createHash('sha256').update(content).digest('hex'),
  };
}

/** Kinds of digests that are published of a release. */
export function publishedDigests({ digests }: Pick<Release, 'digests'>): (keyof Digests)[] {
  const kinds: (keyof Digests)[] = ['sha256', 'gitBlob'];
  return kinds.filter((kind) => digests[kind] !== undefined);
}

/**
 * Throws `runtime_unsupported` unless every published digest of the release is that of `content`.
 * Returns the kinds that were compared.
 */
export function verify(release: Release, content: Uint8Array): (keyof Digests)[] {
  const actual = digestsOf(content);
  const kinds = publishedDigests(release);
  const wrong = kinds.find((kind) => release.digests[kind] !== actual[kind]);
  if (wrong === undefined && kinds.length > 0) return kinds;
  const why =
    wrong === undefined
      ? 'no digest of it is published'
      : `its ${digestNames[wrong]} is ${actual[wrong]}, and ${release.digests[wrong]} was published`;
  throw new ApplianceError(
    'runtime_unsupported',
    `This is not the librkllmrt.so ${release.version} that Rockchip published: ${why}. Nothing was installed.`,
  );
}

/** The release whose published digests are all those of `content`. */
export function releaseOf(all: readonly Release[], content: Uint8Array): Release | null {
  const actual = digestsOf(content);
  const isSame = (release: Release) => {
    const kinds = publishedDigests(release);
    return kinds.length > 0 && kinds.every((kind) => release.digests[kind] === actual[kind]);
  };
  return all.find(isSame) ?? null;
}
