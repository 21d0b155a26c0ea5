import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type PullEvent,
  Puller,
  type PullerOptions,
  type Tuning,
} from '../../../src/library/pull/index.ts';
import { type Hub, type HubOptions, startHub } from '../../support/hub/index.ts';

/** Small pieces and short waits, so that a few megabytes show what gigabytes would. */
const quick: Partial<Tuning> = {
  connections: 3,
  rampUpMs: 0,
  pieceBytes: 512 * 1024,
  lonePieceBytes: 512 * 1024,
  inactivityMs: 400,
  attempts: 5,
  metadataAttempts: 3,
  backoffMs: 5,
  maxBackoffMs: 20,
  checkpointMs: 20,
  progressMs: 50,
  reserveBytes: 0,
};

export const megabyte = 1024 * 1024;
export const modelPath = 'user/repo/model-rk3588.rkllm';
export const oneModel = { [modelPath]: { sizeBytes: 3 * megabyte + 17, seed: 7 } };

export interface Bench {
  hub: Hub;
  folder: string;
  puller: Puller;
  /** Another puller on the same folder: the daemon after a restart. */
  restart(options?: Partial<PullerOptions>): Promise<Puller>;
}

/** A hub, an empty models folder and a puller, all gone after the test. */
export async function setUp(
  hubOptions: Partial<HubOptions> = {},
  options: Partial<PullerOptions> = {},
): Promise<Bench> {
  const hub = await startHub({ files: oneModel, ...hubOptions });
  const folder = await temporaryFolder();
  const restart = async (others: Partial<PullerOptions> = {}) => {
    const puller = new Puller({
      folder,
      endpoint: hub.url,
      modelScopeEndpoint: hub.url,
      platform: () => 'RK3588',
      ...options,
      ...others,
      tuning: { ...quick, ...options.tuning, ...others.tuning },
    });
    await puller.start();
    onTestFinished(() => puller.stop());
    return puller;
  };
  const puller = await restart();
  onTestFinished(() => hub.close());
  return { hub, folder, puller, restart };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rkllamad-pull-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function collect(events: AsyncIterable<PullEvent>): Promise<PullEvent[]> {
  const collected: PullEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

/** Resolves when the pull has received at least so many bytes. */
export async function untilReceived(
  events: AsyncIterable<PullEvent>,
  bytes: number,
): Promise<void> {
  for await (const event of events) {
    if (event.type === 'progress' && event.receivedBytes >= bytes) return;
  }
  throw new Error('the pull ended before');
}

export async function sha256Of(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** Every file below a folder, relative and sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
