import type { Repositories } from './repositories.ts';

/** The JSON shapes of huggingface.co's and ModelScope's metadata routes. */

export function modelInfo(repositories: Repositories, name: string, isGated: boolean) {
  const baseModels = repositories.baseModels(name);
  return {
    _id: Buffer.from(name).toString('hex').slice(0, 24),
    id: name,
    modelId: name,
    sha: repositories.commit(name),
    private: false,
    gated: isGated ? 'manual' : false,
    likes: 3,
    downloads: 100 + name.length,
    lastModified: '2025-06-01T12:00:00.000Z',
    tags: ['rkllm'],
    ...(baseModels.length > 0 ? { cardData: { base_model: baseModels } } : {}),
    siblings: [...(repositories.files(name)?.keys() ?? [])].map((rfilename) => ({ rfilename })),
  };
}

/** Entries of `tree` and `paths-info`. */
export function treeEntries(repositories: Repositories, name: string, paths?: readonly string[]) {
  return [...(repositories.files(name) ?? [])]
    .filter(([path]) => paths?.includes(path) ?? true)
    .map(([path, file]) => ({
      type: 'file',
      path,
      oid: file.gitSha1,
      size: file.sizeBytes,
      ...(file.sha256 === null
        ? {}
        : { lfs: { oid: file.sha256, size: file.sizeBytes, pointerSize: 135 } }),
    }));
}

export function modelScopeFiles(repositories: Repositories, name: string) {
  const files = [...(repositories.files(name) ?? [])].map(([path, file]) => ({
    Name: path.split('/').at(-1),
    Path: path,
    Type: 'blob',
    Size: file.sizeBytes,
    Sha256: file.sha256 ?? '',
    IsLFS: file.sha256 !== null,
    Revision: repositories.commit(name),
  }));
  return { Code: 200, Success: true, Message: 'success', Data: { Files: files } };
}
