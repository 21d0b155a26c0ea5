import * as z from 'zod';
import { encodePath, type Hub, type RemoteFile, type Repository } from './hub.ts';
import type { HubClient } from './hub-client.ts';

const cardSchema = z
  .object({ base_model: z.union([z.string(), z.array(z.string())]).optional() })
  .catch({});

/** Hugging Face, or a mirror with the same layout. */
export class HuggingFace implements Hub {
  readonly #endpoint: string;
  readonly #client: HubClient;

  /** @param endpoint without a trailing slash */
  constructor(endpoint: string, client: HubClient) {
    this.#endpoint = endpoint;
    this.#client = client;
  }

  async repository(
    name: string,
    revision: string | null,
    signal: AbortSignal,
  ): Promise<Repository> {
    // Imported when first needed: it costs memory that a daemon that never pulls should not pay.
    const { modelInfo } = await import('@huggingface/hub');
    const wanted = revision ?? 'main';
    const info = await modelInfo({
      name,
      revision: wanted,
      additionalFields: ['sha', 'cardData', 'filePaths'],
      hubUrl: this.#endpoint,
      fetch: this.#client.metadataFetch(name, signal),
    });
    const base = cardSchema.parse(info.cardData ?? {}).base_model ?? [];
    return {
      name,
      revision: info.sha || wanted,
      paths: info.filePaths,
      baseModels: Array.isArray(base) ? base : [base],
    };
  }

  async describe(
    repository: Repository,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<RemoteFile[]> {
    if (paths.length === 0) return [];
    const { pathsInfo } = await import('@huggingface/hub');
    const { name, revision } = repository;
    const infos = await pathsInfo({
      repo: { type: 'model', name },
      paths: [...paths],
      revision,
      hubUrl: this.#endpoint,
      fetch: this.#client.metadataFetch(`${name}/${paths[0]}`, signal),
    });
    return infos
      .filter((info) => info.type === 'file')
      .map((info) => ({
        path: info.path,
        sizeBytes: info.lfs?.size ?? info.size,
        sha256: info.lfs?.oid ?? null,
        gitSha1: info.lfs ? null : (info.oid ?? null),
        url: new URL(
          `${this.#endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${encodePath(info.path)}`,
        ),
      }));
  }
}
