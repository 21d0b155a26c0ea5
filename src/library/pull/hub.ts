import { ApplianceError } from '../../errors.ts';

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

/**
 * What `read` makes of a hub's answer.
 * @param subject what was asked for: `user/repo`
 * @throws ApplianceError, `pull_failed` for an answer that is not in a hub's form; the signal's reason
 */
export async function readAnswer<T>(
  endpoint: string,
  subject: string,
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApplianceError) throw error;
    throw new ApplianceError(
      'pull_failed',
      `What ${new URL(endpoint).host} answers when it is asked for ${subject} is not in a hub's form. Is it a hub, or a mirror of one?`,
      { cause: error },
    );
  }
}

/** `a/b c.rkllm` as part of a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
