/**
 * Kills an engine at random moments, most of them while it saves a prompt, and looks at what is left.
 *
 *     npm run kill:prefix -- [kills=200] [seed=1]
 *
 * A kill -9 leaves the page cache alone, so this shows the order of the steps, not that of the
 * disk's writes; those rest on the fsyncs before each claim.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PrefixEntry } from '../../../src/engine/prefix/entry.ts';
import { PrefixStore } from '../../../src/engine/prefix/index.ts';
import { sweep } from '../../../src/engine/prefix/leftovers.ts';
import { buildSimulator } from '../../e2e/board.ts';
import { randomFrom } from '../../support/random.ts';
import { PrefixBoard, questionOf, silent, user } from './board.ts';

export interface KillReport {
  kills: number;
  /** Whole files that the killed engines left, all together. */
  whole: number;
  /** Kills that left something torn: a file without a record, or one that was still being written. */
  torn: number;
  /** Tokens that the last engine found in files. */
  tokensFromFiles: number;
}

/**
 * @param progress called after each kill
 * @throws Error when a kill leaves anything that would be used and is not what it says
 */
export async function killRepeatedly(
  kills: number,
  seed: number,
  progress: (report: KillReport) => void = () => {},
): Promise<KillReport> {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'rkllamad-prefix-kill-'));
  const library = await buildSimulator('1.3.1', folder);
  const board = await PrefixBoard.create({ library });
  const report: KillReport = { kills: 0, whole: 0, torn: 0, tokensFromFiles: 0 };
  try {
    // A machine may be too slow or too quick for the moments that chance has chosen: then more of them.
    const isTold = () => report.torn > 0 && report.whole > 0;
    while (report.kills < kills || (!isTold() && report.kills < 5 * kills)) {
      const order = { home: board.home, library, name: `k${report.kills}q` };
      await hasEnded(await runAndKill(order, random));
      report.kills += 1;
      const { whole, torn } = await examine(board);
      report.whole += whole;
      report.torn += torn ? 1 : 0;
      progress(report);
    }
    report.tokensFromFiles = await compare(board);
    return report;
  } finally {
    await board[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves with the process id of the engine's worker. */
async function runAndKill(
  order: { home: string; library: string; name: string },
  random: () => number,
): Promise<number> {
  const victim = fileURLToPath(new URL('./victim.ts', import.meta.url));
  const child = spawn(process.execPath, [victim, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const aimsAtSave = random() < 0.7;
  const delayMs = random() * (aimsAtSave ? 25 : 400);
  let worker = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^(wrong|off)/.test(line)) throw new Error(line);
    worker ||= Number(/^worker (\d+)/.exec(line)?.[1] ?? 0);
    if (line !== (aimsAtSave ? 'part' : 'answered')) continue;
    await sleep(delayMs);
    break;
  }
  child.kill('SIGKILL');
  await exit;
  if (child.signalCode !== 'SIGKILL') throw new Error(`the engine ended: ${child.exitCode}`);
  return worker;
}

/** A worker outlives its engine for a moment, and may still write. */
async function hasEnded(pid: number): Promise<void> {
  // That of a process that has ended and that nobody has looked after yet is empty.
  const commandLine = () => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  while ((await commandLine()) !== '') await sleep(20);
}

/** What a start would take for whole has to be just that. */
async function examine(board: PrefixBoard): Promise<{ whole: number; torn: boolean }> {
  const before = await filesIn(board.cache);
  const entries = await sweep(board.cache);
  for (const entry of entries) await assertTrue(board, entry);
  const names = new Set(entries.flatMap(({ id }) => [`${id}.kv`, `${id}.json`]));
  const after = await filesIn(board.cache);
  const strangers = after.filter((name) => /\.(kv|json|part|tmp)$/.test(name) && !names.has(name));
  if (strangers.length > 0) throw new Error(`left behind: ${strangers.join()}`);
  return { whole: entries.length, torn: before.length !== after.length };
}

/** The simulator's file holds the very tokens that its record states, all of them. */
async function assertTrue(board: PrefixBoard, entry: PrefixEntry): Promise<void> {
  const store = new PrefixStore({ folder: board.cache, budgetBytes: null, log: silent });
  const content = await readFile(store.pathOf(entry));
  const ids = Buffer.from(entry.ids.buffer, entry.ids.byteOffset, entry.ids.byteLength);
  if (!content.subarray(-ids.length).equals(ids) || content.length !== entry.sizeBytes) {
    throw new Error(`the file of ${entry.id} is not what its record says`);
  }
}

/** The answers with the files that are left are those of an engine without any. */
async function compare(board: PrefixBoard): Promise<number> {
  const texts = Array.from({ length: 10 }, (_, kill) => questionOf(`k${kill}q`, 0));
  const answers = async (budgetBytes: number | null) => {
    await using running = await board.start({ prefixes: { folder: board.cache, budgetBytes } });
    const given: string[] = [];
    for (const text of texts) given.push((await running.ask([user(text)])).text);
    return { given: given.join('\n'), tokens: running.engine.prefixStats().tokensFromFiles };
  };
  const [bare, stored] = [await answers(0), await answers(null)];
  if (bare.given !== stored.given) throw new Error(`answered: ${stored.given}`);
  return stored.tokens;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

if (import.meta.main) {
  const [kills = '200', seed = '1'] = process.argv.slice(2);
  const progress = (report: KillReport) => {
    if (report.kills % 10 === 0) console.error(JSON.stringify(report));
  };
  console.log(JSON.stringify(await killRepeatedly(Number(kills), Number(seed), progress)));
}
