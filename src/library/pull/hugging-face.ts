import * as z from 'zod';
import { encodePath, type Hub, type RemoteFile, type Repository, readAnswer } from './hub.ts';
import type { HubClient } from './hub-client.ts';

const isRepository = (name: string) => /^[\w.-]+(?:\/[\w.-]+)?$/.test(name);

/** The card is its author's: what names no repository is passed over. */
const cardSchema = z
  .object({ base_model: z.union([z.string().transform((name) => [name]), z.array(z.string())]) })
  .transform(({ base_model: names }) => names.filter(isRepository))
  .catch([]);

/** Of what the hub library hands on as it came. */
const repositorySchema = z.object({
  sha: z
    .string()
    .regex(/^[\w.-]*$/)
    .nullish(),
  filePaths: z.array(z.string()),
  cardData: cardSchema,
});
const sizeBytes = z.number().int().nonnegative();
const filesSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: sizeBytes,
    oid: z.string().nullish(),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: sizeBytes }).nullish(),
  }),
);

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
    const info = await readAnswer(this.#endpoint, name, signal, async () =>
      repositorySchema.parse(
        await modelInfo({
          name,
          revision: wanted,
          additionalFields: ['sha', 'cardData', 'filePaths'],
          hubUrl: this.#endpoint,
          fetch: this.#client.metadataFetch(name, signal),
        }),
      ),
    );
    return {
      name,
      revision: info.sha || wanted,
      paths: info.filePaths,
      baseModels: info.cardData,
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
    const subject = `${name}/${paths[0]}`;
    const infos = await readAnswer(this.#endpoint, subject, signal, async () =>
      filesSchema.parse(
        await pathsInfo({
          repo: { type: 'model', name },
          paths: [...paths],
          revision,
          hubUrl: this.#endpoint,
          fetch: this.#client.metadataFetch(subject, signal),
        }),
      ),
    );
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
