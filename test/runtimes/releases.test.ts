import { describe, expect, it } from 'vitest';
import { runtimeVersions } from '../../src/rkllm/index.ts';
import { digestsOf, publishedDigests, releaseOf, verify } from '../../src/runtimes/digest.ts';
import { releases } from '../../src/runtimes/index.ts';
import { library } from './libraries.ts';

describe('the table of releases', () => {
  it('has every version whose ABI is known, oldest first', () => {
    expect(releases.map(({ version }) => version)).toEqual(runtimeVersions);
  });

  it.each(releases)('proves $version by a digest', ({ digests, commit, ...release }) => {
    expect(publishedDigests({ digests }).length).toBeGreaterThan(0);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(digests.gitBlob ?? '0'.repeat(40)).toMatch(/^[0-9a-f]{40}$/);
    expect(digests.sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
    expect(release.path).toMatch(/^rkllm-runtime\/.*\/aarch64\/librkllmrt\.so$/);
  });

  it('has no two releases of one commit or file', () => {
    const keys = releases.flatMap(({ commit, digests }) => [commit, ...Object.values(digests)]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the digests of a file', () => {
  it.each([
    // What `git hash-object` and `sha256sum` say of them.
    ['', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391', 'e3b0c44298fc1c149afbf4c8996fb924'],
    ['abc', 'f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f', 'ba7816bf8f01cfea414140de5dae2223'],
  ])('of "%s" are those of git and of sha256sum', (text, gitBlob, sha256Start) => {
    const digests = digestsOf(Buffer.from(text));
    expect(digests.gitBlob).toBe(gitBlob);
    expect(digests.sha256.slice(0, 32)).toBe(sha256Start);
  });

  const content = library('1.2.3');
  const { gitBlob, sha256 } = digestsOf(content);
  const release = { version: '1.2.3', commit: 'c', path: 'p' } as const;

  it.each([
    ['its git blob id', { gitBlob }, ['gitBlob']],
    ['its SHA-256', { sha256 }, ['sha256']],
    ['both', { gitBlob, sha256 }, ['sha256', 'gitBlob']],
  ])('prove it by %s', (_, digests, kinds) => {
    expect(verify({ ...release, digests }, content)).toEqual(kinds);
  });

  it.each([
    ['its SHA-256 is another', { gitBlob, sha256: 'f'.repeat(64) }],
    ['its git blob id is another', { gitBlob: 'f'.repeat(40), sha256 }],
  ])('refuse it when %s, with both values', (_, digests) => {
    expect(() => verify({ ...release, digests }, content)).toThrow(/not the .* 1\.2\.3 .*f{40}/);
  });

  it('refuse it when none was published', () => {
    expect(() => verify({ ...release, digests: {} }, content)).toThrow(/no digest .* published/);
    expect(releaseOf([{ ...release, digests: {} }], content)).toBeNull();
  });

  it('refuse it when a single bit is another', () => {
    const broken = Buffer.from(content);
    broken.writeUInt8(broken.readUInt8(100) ^ 1, 100);
    expect(() => verify({ ...release, digests: { gitBlob } }, broken)).toThrow(/git blob id/);
    expect(releaseOf([{ ...release, digests: { gitBlob } }], broken)).toBeNull();
  });
});
