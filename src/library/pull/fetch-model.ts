import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ApplianceError } from '../../errors.ts';
import type { PullContext } from './context.ts';
import { hasContent, hasSize } from './existing.ts';
import { FileChanged } from './failures.ts';
import type { RemoteFile, Repository } from './hub.ts';
import { checkModelfile, writeModelfile } from './modelfile.ts';
import { PartialFile, partialBytes } from './partial-file.ts';
import { checkBeginning } from './range-source.ts';
import { formatReference, type PullReference } from './reference.ts';
import { RunningHash } from './running-hash.ts';
import { checkSpace, storageFailure } from './storage.ts';
import type { PullTarget } from './target.ts';
import { fetchTokenizer, tokenizerPaths } from './tokenizer-files.ts';
import { transfer } from './transfer.ts';

/** How often a download begins again because the file on the hub changed. */
const maxRestarts = 4;

/** A reference whose file is known. */
export type FileReference = PullReference & { path: string };

/** What to fetch and whom to tell. */
export interface FetchJob {
  target: PullTarget;
  reference: FileReference;
  context: PullContext;
  signal: AbortSignal;
  /** Bytes that other running pulls still have to write to the same disk. */
  othersBytes: () => number;
  onStart: (sizeBytes: number, resumedBytes: number) => void;
  onReceived: (receivedBytes: number) => void;
  onVerifying: () => void;
}

/**
 * Brings a model file with its tokenizer and Modelfile into the library. When it fails, what has
 * arrived stays as a resumable partial file, unless it is worthless.
 * @throws ApplianceError; the signal's reason
 */
export async function fetchModel(job: FetchJob): Promise<void> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      await fetchOnce(job);
      return;
    } catch (error) {
      if (!(error instanceof FileChanged)) throw storageFailure(error, job.target.file);
      if (restarts === maxRestarts) {
        throw new ApplianceError(
          'pull_failed',
          `${error.message}, and did so on each of ${maxRestarts + 1} tries. Try again later.`,
          { cause: error },
        );
      }
      const reference = formatReference(job.reference);
      job.context.log.warn({ reference, reason: error.message }, 'the pull begins again');
    }
  }
}

async function fetchOnce(job: FetchJob): Promise<void> {
  const { target, reference, context, signal } = job;
  const hub = context.hubs[reference.hub];
  await checkModelfile(target.modelFolder, target.file, target.name);
  const repository = await hub.repository(reference.repository, reference.revision, signal);
  const described = await hub.describe(repository, [reference.path], signal);
  const remote = described.find((file) => file.path === reference.path);
  if (!remote) throw missingFile(repository, reference.path);
  const partial = await obtain(job, remote);
  let tokenizerFrom: string | null;
  try {
    tokenizerFrom = await fetchTokenizer(target.modelFolder, repository, reference.path, {
      hub,
      client: context.client,
      tuning: context.tuning,
      signal,
      warn: (message, error) => context.log.warn({ err: error }, message),
    });
    signal.throwIfAborted();
    await partial?.commit();
  } catch (error) {
    await partial?.keep();
    throw error;
  }
  const hasOwnTokenizer = tokenizerPaths(repository.paths, reference.path).length > 0;
  const likely = hasOwnTokenizer ? repository.name : repository.baseModels[0];
  await writeModelfile(target.modelFolder, target.file, tokenizerFrom ?? likely ?? repository.name);
}

/** The verified content as a partial file; null when it already has its final name. */
async function obtain(job: FetchJob, remote: RemoteFile): Promise<PartialFile | null> {
  const { target, context, signal } = job;
  if (await hasSize(target.finalPath, remote.sizeBytes)) {
    job.onStart(remote.sizeBytes, remote.sizeBytes);
    job.onVerifying();
    if (await hasContent(target.finalPath, remote, signal)) return null;
  }
  const folder = path.dirname(target.modelFolder);
  await mkdir(folder, { recursive: true });
  const free = (await context.freeBytes(folder)) - job.othersBytes();
  const needed = remote.sizeBytes - (await partialBytes(target, remote));
  checkSpace(target.file, needed, context.tuning.reserveBytes, free);
  signal.throwIfAborted();
  const partial = await PartialFile.open(target, remote, formatReference(job.reference));
  const resumedBytes = partial.receivedBytes;
  job.onStart(remote.sizeBytes, resumedBytes);
  const hash = new RunningHash(partial);
  try {
    await transfer(partial, {
      client: context.client,
      tuning: context.tuning,
      signal,
      onArrived: (chunks, position) => hash.feed(chunks, position),
      onWritten: () => {
        hash.advance();
        job.onReceived(partial.receivedBytes);
      },
    });
    job.onVerifying();
    await verify(partial, hash, resumedBytes > 0, signal);
    return partial;
  } catch (error) {
    await hash.stop();
    if (error instanceof FileChanged) partial.adoptEtag(null);
    await (isWorthless(error, remote) ? partial.discard() : partial.keep());
    throw error instanceof WorthlessContent ? error.told : error;
  }
}

/** The bytes that arrived are of no use to anybody; `told` is for the listener. */
class WorthlessContent extends Error {
  readonly told: ApplianceError;

  constructor(told: ApplianceError) {
    super(told.message);
    this.told = told;
  }
}

/** Bytes with a known hash are kept as long as they may be right: the hash will tell. */
function isWorthless(error: unknown, remote: RemoteFile): boolean {
  if (error instanceof WorthlessContent) return true;
  if (!(error instanceof FileChanged)) return false;
  return error.isContentBad || (remote.sha256 === null && remote.gitSha1 === null);
}

async function verify(
  partial: PartialFile,
  hash: RunningHash,
  wasResumed: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { file } = partial.target;
  if (!(await hash.matches(signal))) {
    // An older part may have been damaged on the disk; a whole new download tells.
    if (wasResumed) {
      throw new FileChanged(`What was kept of ${file} did not fit the rest`, {
        isContentBad: true,
      });
    }
    throw new WorthlessContent(
      new ApplianceError(
        'pull_failed',
        `${file} arrived damaged: its hash is not the one the hub announced. It was deleted; pull it again.`,
      ),
    );
  }
  if (partial.remote.sha256 !== null || partial.remote.gitSha1 !== null) return;
  const problem = await textInsteadOfModel(partial);
  if (problem) throw new WorthlessContent(problem);
}

async function textInsteadOfModel(partial: PartialFile): Promise<ApplianceError | null> {
  const beginning = Buffer.alloc(64);
  const count = await partial.read(beginning, 0, beginning.byteLength);
  return checkBeginning(partial.target.file, beginning.subarray(0, count));
}

function missingFile(repository: Repository, file: string): ApplianceError {
  const models = repository.paths.filter((each) => each.endsWith('.rkllm')).slice(0, 20);
  const offer =
    models.length > 0 ? ` It holds: ${models.join(', ')}.` : ' It holds no .rkllm file.';
  return new ApplianceError(
    'model_not_found',
    `${repository.name} has no file ${file} (revision ${repository.revision}).${offer}`,
  );
}
