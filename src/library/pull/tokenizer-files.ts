import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from './durable.ts';
import { FileChanged } from './failures.ts';
import type { Hub, RemoteFile, Repository } from './hub.ts';
import { type HubClient, readLimited } from './hub-client.ts';
import { refusal } from './refusal.ts';
import { downloadOf, withRetries } from './retry.ts';
import { hashFor } from './running-hash.ts';
import type { Tuning } from './tuning.ts';

const fileNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'chat_template.json',
  'special_tokens_map.json',
  'config.json',
  'generation_config.json',
];
/** The largest in use (Gemma) have 33 MB. */
const maxFileBytes = 128 * 1024 * 1024;
const maxBaseModels = 3;

interface TokenizerOptions {
  hub: Hub;
  client: HubClient;
  tuning: Tuning;
  signal: AbortSignal;
  /** Something was not to be had; the model works without it. */
  warn: (message: string, error: unknown) => void;
}

/**
 * Fetches tokenizer and template into `<modelFolder>/tokenizer/`, from the model's repository or
 * from a base model that its card names. What the owner put there stays.
 * @returns the repository they come from; null when none has them
 */
export async function fetchTokenizer(
  modelFolder: string,
  repository: Repository,
  modelPath: string,
  options: TokenizerOptions,
): Promise<string | null> {
  const folder = path.join(modelFolder, 'tokenizer');
  if (
    await access(folder).then(
      () => true,
      () => false,
    )
  )
    return null;
  for (const name of [null, ...repository.baseModels.slice(0, maxBaseModels)]) {
    try {
      const from =
        name === null ? repository : await options.hub.repository(name, null, options.signal);
      const paths = tokenizerPaths(from.paths, name === null ? modelPath : '');
      if (paths.length === 0) continue;
      const files = await options.hub.describe(from, paths, options.signal);
      await fetchInto(folder, files, options);
      return from.name;
    } catch (error) {
      options.signal.throwIfAborted();
      options.warn(`The tokenizer files of ${name ?? repository.name} were not fetched`, error);
    }
  }
  return null;
}

/** The tokenizer files beside the model, in `tokenizer/` or in the root; empty without a tokenizer. */
export function tokenizerPaths(paths: readonly string[], modelPath: string): string[] {
  const beside = path.posix.dirname(modelPath);
  for (const folder of new Set([beside, path.posix.join(beside, 'tokenizer'), '.', 'tokenizer'])) {
    const found = fileNames
      .map((name) => path.posix.join(folder, name))
      .filter((file) => paths.includes(file));
    if (found.some((file) => /\/?tokenizer(_config)?\.json$/.test(file))) return found;
  }
  return [];
}

/** All or nothing: the folder appears when every file is there and verified. */
async function fetchInto(
  folder: string,
  files: readonly RemoteFile[],
  options: TokenizerOptions,
): Promise<void> {
  const temporary = `${folder}.partial`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    for (const file of files) {
      const content = await fetchVerified(file, options);
      await writeDurably(path.join(temporary, path.posix.basename(file.path)), content);
    }
    await rename(temporary, folder);
    await syncFolder(path.dirname(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function fetchVerified(file: RemoteFile, options: TokenizerOptions): Promise<Buffer> {
  const { client, tuning, signal } = options;
  return withRetries(downloadOf(file.path), tuning, signal, async () => {
    const answer = await client.open(file.url, {}, signal);
    try {
      if (answer.status !== 200) throw refusal(answer, file.path);
      const content = await readLimited(answer, maxFileBytes);
      const expected = file.sha256 ?? file.gitSha1;
      const actual = hashFor(file)?.update(content).digest('hex') ?? null;
      if (content.byteLength !== file.sizeBytes || actual !== expected) {
        throw new FileChanged(`${file.path} is not what the hub announced`);
      }
      return content;
    } finally {
      answer.close();
    }
  });
}
