/** A repository at one commit. */
export interface Repository {
  /** `user/repo` */
  name: string;
  /** The commit, or the asked-for revision where the hub tells no commit. */
  revision: string;
  paths: readonly string[];
  /** Repositories that the model card names as `base_model`. */
  baseModels: readonly string[];
}

/** A file of a repository and what the hub says of its content. */
export interface RemoteFile {
  path: string;
  sizeBytes: number;
  /** SHA-256 of the content (LFS object id); null for files that lie in git itself. */
  sha256: string | null;
  /** SHA-1 of the git blob; null where `sha256` is known or the hub tells neither. */
  gitSha1: string | null;
  url: URL;
}

/** What a pull needs to know of a hub; one implementation per hub. */
export interface Hub {
  /** @throws ApplianceError `model_not_found`, `pull_failed` */
  repository(name: string, revision: string | null, signal: AbortSignal): Promise<Repository>;
  /** The files among `paths` that exist, in no particular order. */
  describe(
    repository: Repository,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<RemoteFile[]>;
}

/** `a/b c.rkllm` as part of a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
