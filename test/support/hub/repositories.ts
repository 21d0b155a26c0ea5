import { createHash } from 'node:crypto';
import { type HubContent, type StoredFile, storeFile } from './content.ts';

/** The repositories of the stand-in hub, each with one commit. */
export class Repositories {
  readonly #files = new Map<string, Map<string, StoredFile>>();
  readonly #cards = new Map<string, string[]>();

  /** @param fullPath `user/repo/path/of/file` */
  put(fullPath: string, content: HubContent): void {
    const [user = '', repo = '', ...rest] = fullPath.split('/');
    const name = `${user}/${repo}`;
    const path = rest.join('/');
    const files = this.#files.get(name) ?? new Map<string, StoredFile>();
    files.set(path, storeFile(path, content));
    this.#files.set(name, files);
    if (path === 'README.md' && typeof content === 'string') {
      this.#cards.set(
        name,
        [...content.matchAll(/base_model:\s*(\S+)/g)].map(([, id]) => id ?? ''),
      );
    }
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  files(name: string): ReadonlyMap<string, StoredFile> | undefined {
    return this.#files.get(name);
  }

  baseModels(name: string): string[] {
    return this.#cards.get(name) ?? [];
  }

  bySha256(sha256: string): StoredFile | undefined {
    for (const files of this.#files.values()) {
      for (const file of files.values()) if (file.sha256 === sha256) return file;
    }
    return undefined;
  }

  /** The commit of the repository's only state: another content, another commit. */
  commit(name: string): string {
    const hash = createHash('sha1');
    for (const [path, file] of this.#files.get(name) ?? [])
      hash.update(`${path} ${file.gitSha1} ${file.sha256}`);
    return hash.digest('hex');
  }
}
