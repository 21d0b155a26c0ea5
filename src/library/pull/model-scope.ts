import * as z from 'zod';
import { baseModelsOfCard } from './card.ts';
import { encodePath, type Hub, type RemoteFile, type Repository, readAnswer } from './hub.ts';
import type { HubClient } from './hub-client.ts';

const filesSchema = z.object({
  Data: z.object({
    Files: z
      .array(
        z.object({
          Path: z.string(),
          Type: z.string(),
          Size: z.number().int().nonnegative(),
          Sha256: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .nullish()
            .catch(null),
        }),
      )
      .nullable(),
  }),
});

const defaultRevision = 'master';

/** ModelScope's HTTP layout: a file list with sizes and SHA-256, downloads below `resolve`. */
export class ModelScope implements Hub {
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
    const repository = {
      name,
      revision: revision ?? defaultRevision,
      paths: [] as string[],
      baseModels: [] as string[],
    };
    const files = await this.#files(repository, signal);
    repository.paths = files.map((file) => file.path);
    const card = files.find((file) => file.path === 'README.md');
    if (card) repository.baseModels = await this.#baseModels(card, signal);
    return repository;
  }

  async describe(
    repository: Repository,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<RemoteFile[]> {
    const files = await this.#files(repository, signal);
    return files.filter((file) => paths.includes(file.path));
  }

  async #files({ name, revision }: Repository, signal: AbortSignal): Promise<RemoteFile[]> {
    const query = new URLSearchParams({ Revision: revision, Recursive: 'true' });
    const fetch = this.#client.metadataFetch(name, signal);
    const response = await fetch(
      `${this.#endpoint}/api/v1/models/${name}/repo/files?${query.toString()}`,
    );
    const { Data } = await readAnswer(this.#endpoint, name, signal, async () =>
      filesSchema.parse(await response.json()),
    );
    return (Data.Files ?? [])
      .filter((file) => file.Type === 'blob')
      .map((file) => ({
        path: file.Path,
        sizeBytes: file.Size,
        sha256: file.Sha256 ?? null,
        gitSha1: null,
        url: new URL(
          `${this.#endpoint}/models/${name}/resolve/${encodeURIComponent(revision)}/${encodePath(file.Path)}`,
        ),
      }));
  }

  async #baseModels(card: RemoteFile, signal: AbortSignal): Promise<string[]> {
    try {
      const response = await this.#client.metadataFetch(card.path, signal)(card.url);
      return baseModelsOfCard(await response.text());
    } catch {
      signal.throwIfAborted();
      // The card only helps to find a tokenizer; a model is pulled without it.
      return [];
    }
  }
}
