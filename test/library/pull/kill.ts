/**
 * Kills a process at random moments of a pull and looks at what it leaves.
 *
 *     node test/library/pull/kill.ts [kills=200] [seed=1]
 *
 * A kill -9 leaves the page cache alone, so this shows the order of the steps, not that of the
 * disk's writes; those rest on the fsyncs before each claim.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Puller } from '../../../src/library/pull/index.ts';
import { startHub } from '../../support/hub/index.ts';
import { inspectFolder } from './inspect-folder.ts';

const sizeBytes = 2 * 1024 * 1024 + 123;
const modelPath = 'user/repo/model.rkllm';
const tuning = {
  connections: 3,
  rampUpMs: 0,
  pieceBytes: 128 * 1024,
  lonePieceBytes: 128 * 1024,
  checkpointMs: 10,
  reserveBytes: 0,
};

export interface KillReport {
  kills: number;
  /** Pulls that ended with the right hash. */
  completed: number;
  /** What the killed processes left, by kind. */
  left: Record<string, number>;
}

/** @throws Error when a kill leaves anything else than whole models and resumable partials */
export async function killRepeatedly(kills: number, seed: number): Promise<KillReport> {
  const random = randomFrom(seed);
  const content = {
    [modelPath]: { sizeBytes, seed },
    'user/repo/tokenizer.json': '{"model":{}}',
    'user/repo/tokenizer_config.json': '{}',
  };
  const hub = await startHub({
    files: content,
    faults: ({ kind }) => (kind === 'content' ? { bytesPerSecond: 3e6 } : undefined),
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'rkllamad-kill-'));
  const job = JSON.stringify({ folder, endpoint: hub.url, reference: modelPath, tuning });
  const report: KillReport = { kills: 0, completed: 0, left: {} };
  const whole = await wholeContent(hub.url, hub.sha256(modelPath));
  try {
    while (report.kills < kills) {
      if (await runAndKill(job, random)) report.kills += 1;
      await new Puller({ folder, endpoint: hub.url }).start();
      const state = await inspectFolder(folder, 'model', 'model.rkllm', whole);
      report.left[state] = (report.left[state] ?? 0) + 1;
      if (state !== 'complete') continue;
      report.completed += 1;
      await rm(path.join(folder, 'model'), { recursive: true });
    }
    const last = new Puller({ folder, endpoint: hub.url, tuning });
    hub.setFaults(undefined);
    for await (const _event of last.pull(modelPath));
    const state = await inspectFolder(folder, 'model', 'model.rkllm', whole);
    if (state !== 'complete') throw new Error(`the last pull left the folder ${state}`);
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await hub.close();
  }
}

/** @returns whether the process was killed before it had ended by itself */
async function runAndKill(job: string, random: () => number): Promise<boolean> {
  const driver = fileURLToPath(new URL('./driver.ts', import.meta.url));
  const child = spawn(process.execPath, [driver, job], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  // A third of the kills aims at the end, where renames happen; the rest anywhere in between.
  const aim = random() < 1 / 3 ? 'verifying' : 'start';
  const delayMs = random() * (aim === 'verifying' ? 25 : 250);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(`"${aim}"`)) continue;
    await sleep(delayMs);
    child.kill('SIGKILL');
    break;
  }
  await exit;
  return child.signalCode === 'SIGKILL';
}

async function wholeContent(url: string, sha256: string): Promise<Buffer> {
  const response = await fetch(`${url}/cdn/${sha256}`);
  return Buffer.from(await response.arrayBuffer());
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) {
  const [kills = '200', seed = '1'] = process.argv.slice(2);
  console.log(JSON.stringify(await killRepeatedly(Number(kills), Number(seed))));
}
