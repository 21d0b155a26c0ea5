import * as z from 'zod';
import { misfit, platformOf } from './choose-file.ts';
import type { PullContext } from './context.ts';
import { readAnswer } from './hub.ts';

export interface SearchOptions {
  /** Most repositories to look into; 20 unless told. */
  limit?: number;
  /** Memory that a model may take; null when unknown. */
  memoryBytes?: number | null;
  /** Lists files that do not fit this board too. */
  includeMisfits?: boolean;
  signal?: AbortSignal;
}

/** One `.rkllm` file on the hub. */
export interface SearchResult {
  /** What `pull` takes. */
  reference: string;
  repository: string;
  file: string;
  /** Null where the hub does not tell. */
  sizeBytes: number | null;
  /** The SoC that the names tell, `RK3588`. */
  platform: string | null;
  /** Why it will not run here, as far as name and size tell; null if it may. */
  misfit: string | null;
  downloads: number;
  likes: number;
  /** A licence must be accepted on the hub first. */
  gated: boolean;
  /** ISO 8601. */
  updatedAt: string;
}

const defaultLimit = 20;
const maxLimit = 100;
/** Of one list; a hub needs one for as many models as are asked for. */
const maxPages = 10;
const parallelRequests = 4;
/** What a loaded model takes beyond its file: KV cache and buffers, roughly. */
const memoryFactor = 1.1;

/** Of what the hub library hands on as it came; one that is not in this form is passed over. */
const foundSchema = z.object({
  name: z.string(),
  filePaths: z.array(z.string()),
  downloads: z.number().catch(0),
  likes: z.number().catch(0),
  gated: z.unknown().transform((gated) => gated !== false),
  updatedAt: z.date(),
});

type FoundRepository = z.output<typeof foundSchema>;

/** Most downloaded first. @throws ApplianceError `pull_failed` */
export async function searchHub(
  query: string,
  options: SearchOptions,
  endpoint: string,
  context: PullContext,
): Promise<SearchResult[]> {
  const signal = options.signal ?? new AbortController().signal;
  const found = await findRepositories(query, options, endpoint, context, signal);
  const results: SearchResult[] = [];
  const queue = found.values();
  const work = async () => {
    for (const repository of queue)
      results.push(...(await inspect(repository, options, context, signal)));
  };
  await Promise.all(Array.from({ length: parallelRequests }, work));
  return results.sort(
    (a, b) => b.downloads - a.downloads || a.reference.localeCompare(b.reference),
  );
}

/** Repositories with `.rkllm` files: named so, or tagged so. */
async function findRepositories(
  query: string,
  options: SearchOptions,
  endpoint: string,
  context: PullContext,
  signal: AbortSignal,
): Promise<FoundRepository[]> {
  const { listModels } = await import('@huggingface/hub');
  const limit = Math.max(1, Math.min(options.limit ?? defaultLimit, maxLimit));
  const words = query.slice(0, 200).trim();
  const searches = [
    { query: `${words} rkllm`.trim() },
    { ...(words === '' ? {} : { query: words }), tags: ['rkllm'] },
  ];
  const found = new Map<string, FoundRepository>();
  for (const search of searches) {
    const ask = context.client.metadataFetch(`models like "${words}"`, signal);
    let pages = 0;
    const models = listModels({
      search,
      limit,
      sort: 'downloads',
      additionalFields: ['filePaths'],
      hubUrl: endpoint,
      fetch: (...request) => {
        pages += 1;
        if (pages > maxPages) throw new Error('the list of models does not end');
        return ask(...request);
      },
    });
    await readAnswer(endpoint, `models like "${words}"`, signal, async () => {
      for await (const model of models) {
        const { data } = foundSchema.safeParse(model);
        if (data) found.set(data.name, data);
      }
    });
  }
  return [...found.values()].sort((a, b) => b.downloads - a.downloads).slice(0, limit);
}

async function inspect(
  repository: FoundRepository,
  options: SearchOptions,
  context: PullContext,
  signal: AbortSignal,
): Promise<SearchResult[]> {
  const board = context.board();
  const { name, downloads, likes, gated, updatedAt } = repository;
  const files = repository.filePaths
    .filter((file) => /[^/]\.rkllm$/i.test(file))
    .filter((file) => options.includeMisfits || misfit(name, file, board) === null);
  if (files.length === 0) return [];
  const sizes = await sizesOf(name, files, context, signal);
  return files
    .map((file) => {
      const sizeBytes = sizes.get(file) ?? null;
      return {
        reference: `${name}/${file}`,
        repository: name,
        file,
        sizeBytes,
        platform: platformOf(file) ?? platformOf(name),
        misfit: misfit(name, file, board) ?? tooLarge(sizeBytes, options.memoryBytes ?? null),
        downloads,
        likes,
        gated,
        updatedAt: updatedAt.toISOString(),
      };
    })
    .filter((result) => options.includeMisfits || result.misfit === null);
}

async function sizesOf(
  name: string,
  files: readonly string[],
  context: PullContext,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  try {
    const repository = { name, revision: 'main', paths: files, baseModels: [] };
    const described = await context.hubs.hf.describe(repository, files, signal);
    return new Map(described.map((file) => [file.path, file.sizeBytes]));
  } catch (error) {
    signal.throwIfAborted();
    // A gated repository shows its names but may hide its sizes.
    context.log.warn({ err: error, repository: name }, 'sizes are not known');
    return new Map();
  }
}

function tooLarge(sizeBytes: number | null, memoryBytes: number | null): string | null {
  if (sizeBytes === null || memoryBytes === null) return null;
  return sizeBytes * memoryFactor > memoryBytes ? 'needs more memory than this board has' : null;
}
