/**
 * Kills a process at random moments of a pull and looks at what it leaves.
 *
 *     npm run kill:pull -- [kills=200] [seed=1] [puller|daemon]
 *
 * A kill -9 leaves the page cache alone, so this shows the order of the steps, not that of the
 * disk's writes; those rest on the fsyncs before each claim.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Puller } from '../../../src/library/pull/index.ts';
import { startHub } from '../../support/hub/index.ts';
import { randomFrom } from '../../support/random.ts';
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

/** What is killed: a process that does nothing but pull, or the whole daemon, asked over HTTP. */
export type Victim = 'puller' | 'daemon';

/** @throws Error when a kill leaves anything else than whole models and resumable partials */
export async function killRepeatedly(
  kills: number,
  seed: number,
  victim: Victim = 'puller',
): Promise<KillReport> {
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
  const job = { folder, endpoint: hub.url, reference: modelPath };
  const launch = { puller: launchPuller, daemon: launchDaemon }[victim];
  const report: KillReport = { kills: 0, completed: 0, left: {} };
  const whole = await wholeContent(hub.url, hub.sha256(modelPath));
  try {
    while (report.kills < kills) {
      if (await runAndKill(launch(job), random)) report.kills += 1;
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

interface Job {
  folder: string;
  endpoint: string;
  reference: string;
}

interface Victimised {
  child: ChildProcess;
  /** Lines that tell how far the pull is; a line of `start` comes first, one of `end` near the end. */
  lines: AsyncIterable<string>;
  start: RegExp;
  end: RegExp;
  /** How long after a line of `end` the renames are over. */
  endMs: number;
}

function launchPuller(job: Job): Victimised {
  const driver = fileURLToPath(new URL('./driver.ts', import.meta.url));
  const order = JSON.stringify({ ...job, tuning });
  const child = spawn(process.execPath, [driver, order], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  return { child, lines, start: /"start"/, end: /"verifying"/, endMs: 25 };
}

function launchDaemon({ folder, endpoint, reference }: Job): Victimised {
  const daemon = fileURLToPath(new URL('../../../src/daemon.ts', import.meta.url));
  const child = spawn(process.execPath, [daemon], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      RKLLAMA_PORT: '0',
      RKLLAMA_MODELS: folder,
      RKLLAMA_HUB_ENDPOINT: endpoint,
      RKLLAMA_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const lines = pullLines(child, reference);
  return { child, lines, start: /^Downloading/, end: /^9[0-9]%$/, endMs: 200 };
}

/** Asks a daemon that has just started to pull, and gives the lines of its answer. */
async function* pullLines(child: ChildProcess, model: string): AsyncGenerator<string> {
  const [url] = await once(child, 'message');
  const body = JSON.stringify({ model });
  const response = await fetch(new URL('/pull', String(url)), { method: 'POST', body });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** @returns whether the process was killed before it had ended by itself */
async function runAndKill(
  { child, lines, start, end, endMs }: Victimised,
  random: () => number,
): Promise<boolean> {
  const exit = once(child, 'exit');
  // A third of the kills aims at the end, where renames happen; the rest anywhere in between.
  const aimsAtEnd = random() < 1 / 3;
  const delayMs = random() * (aimsAtEnd ? endMs : 250);
  for await (const line of lines) {
    if (!(aimsAtEnd ? end : start).test(line)) continue;
    await sleep(delayMs);
    break;
  }
  child.kill('SIGKILL');
  await exit;
  return child.signalCode === 'SIGKILL';
}

async function wholeContent(url: string, sha256: string): Promise<Buffer> {
  const response = await fetch(`${url}/cdn/${sha256}`);
  return Buffer.from(await response.arrayBuffer());
}

if (import.meta.main) {
  const [kills = '200', seed = '1', victim = 'puller'] = process.argv.slice(2);
  const chosen = victim === 'daemon' ? 'daemon' : 'puller';
  console.log(JSON.stringify(await killRepeatedly(Number(kills), Number(seed), chosen)));
}
