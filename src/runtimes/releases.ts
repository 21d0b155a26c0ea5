/** Rockchip's releases of the runtime: where each lies, and how its file is known again. */
import type { RuntimeVersion } from '../rkllm/index.ts';

/** Digests that were published of a release's aarch64 library; at least one. */
export interface Digests {
  /** Of the file in Rockchip's repository: SHA-1 of git's header and the content. */
  gitBlob?: string;
  sha256?: string;
}

export interface Release {
  version: RuntimeVersion;
  /** Commit of Rockchip's repository airockchip/rknn-llm, that of the release's tag. */
  commit: string;
  /** Path of the library in it. */
  path: string;
  digests: Digests;
}

const library = 'librkllm_api/aarch64/librkllmrt.so';
const path = `rkllm-runtime/Linux/${library}`;
/** Until 1.1.3. */
const formerPath = `rkllm-runtime/runtime/Linux/${library}`;

/**
 * Oldest to newest. Blob ids are those of the release tags of airockchip/rknn-llm. SHA-256: of 1.1.4
 * from a Nix package that is pinned to the commit, of 1.3.1 from a project that pins its download;
 * the blob id of 1.3.1 is not known.
 */
export const releases: readonly Release[] = [
  {
    version: '1.1.0',
    commit: '71773f050acf27261b05c076bf7e9a22f1bfb18c',
    path: formerPath,
    digests: { gitBlob: '66dfdc7c25cdca9ccf9930798118e17abf7592ff' },
  },
  {
    version: '1.1.1',
    commit: '61edffefc13e4a7ae5496f48a3e82945c345a379',
    path: formerPath,
    digests: { gitBlob: 'bfca051375287d0f5aa754a7b8681b4ede52e259' },
  },
  {
    version: '1.1.2',
    commit: '71c79c3c0fbcb32982aea2ef2b4e9807b73ec91b',
    path: formerPath,
    digests: { gitBlob: 'e8f4afc38c7394beeff83003dbc772412f649a44' },
  },
  {
    version: '1.1.3',
    commit: '1a502afb52bddc49c2f4e9c0b025b7ab471467a9',
    path: formerPath,
    digests: { gitBlob: '68e79327e82f675413956be615f48c62ccd0f16e' },
  },
  {
    version: '1.1.4',
    commit: '8623edd0559a07e7127876d685f2b7ca8b83590c',
    path,
    digests: {
      gitBlob: '3bb8cb6172c4c06e1c622c8f8c579888378784f4',
      sha256: '3cef353105c3bfd31f99c4963fce8498d2fac633d845633c904f523b7c3bcd0a',
    },
  },
  {
    version: '1.2.0',
    commit: 'cb5b341364311065fd19eddd631a79a9f0c5afe1',
    path,
    digests: { gitBlob: 'd45ee9b8dcb9ef27d7dd875ce3be3d5e6dfb654d' },
  },
  {
    version: '1.2.1b1',
    commit: 'd8a9f6a9cce06922bf61ea9151d72fbf55dd55bb',
    path,
    digests: { gitBlob: 'db041c01bba5e0e8f624bb2ff50d48825dde1bfc' },
  },
  {
    version: '1.2.1',
    commit: 'd546a0f975d62469cf1306f98103c737ff933506',
    path,
    digests: { gitBlob: '6b9439d59f2fe4bb8ef5ee2b09c102f1bf993da9' },
  },
  {
    version: '1.2.2',
    commit: '04b51a3c10bf4416f3815b630a35fc35e20a38d1',
    path,
    digests: { gitBlob: '8ed9cca16f8d5ad8f7cdd7d393de6561182b3395' },
  },
  {
    version: '1.2.3',
    commit: 'f7df8e5de9b40dc7aaa66194cf14d4895aaf159a',
    path,
    digests: { gitBlob: '0084abc34ab43359cfa9fd5d4c92ece34127dbd0' },
  },
  {
    version: '1.3.0',
    commit: '878f9361fd3afa7e167b7079918918f78d2c1c2a',
    path,
    digests: { gitBlob: '34167b32f99cb7ab19e21fb579fb750d96b878f1' },
  },
  {
    version: '1.3.1',
    commit: 'f7390530443bf84f0394255a449d7cbe81e69d1c',
    path,
    digests: { sha256: 'f25e9b099db08aaacd0a3ac62b4697d3951d6ae61ae41ea09f6702cfa89eb32c' },
  },
];

/** Said whenever the library is fetched: it is not ours to give. */
export const licenceNotice =
  "librkllmrt.so is Rockchip's, under the licence in its repository (github.com/airockchip/rknn-llm, LICENSE). " +
  'It is fetched from there because you ask for it; rkllamad neither contains nor changes it.';
