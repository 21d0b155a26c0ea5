/**
 * A pull of a big sparse file from the stand-in hub against `curl` to the same disk, against `curl`
 * and `sha256sum` behind it (a pull verifies what it got, `curl` alone does not), and how much the
 * memory of the pulling process grows.
 *
 *     node bench/pull.ts [MiB=1024] [rounds=5] [lineMBs=0] [folder]
 *
 * `lineMBs` limits each connection, 118 being what a gigabit line brings; 0 is as fast as it goes,
 * where hub, pull and kernel compete for the cores and the hash alone shows.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const reference = 'user/repo/model.rkllm';

/** `seconds` include what the page cache still holds being on the disk (sync). */
interface Run {
  seconds: number;
  rssGrowthMegabytes?: number;
}

async function bench(
  mebibytes: number,
  rounds: number,
  lineMBs: number,
  parent: string,
): Promise<void> {
  const hub = await startHubProcess(mebibytes * 1024 * 1024, lineMBs * 1e6);
  const folder = await mkdtemp(path.join(parent, 'rkllamad-bench-'));
  const curls: Run[] = [];
  const verified: Run[] = [];
  const pulls: Run[] = [];
  const curlOnce = async () => {
    const file = path.join(folder, 'curl');
    const curl = await runCurl(hub.url, file);
    curls.push(curl);
    verified.push({ seconds: curl.seconds + timeOf('sha256sum', [file]) });
    await rm(file);
  };
  const pullOnce = async () => {
    pulls.push(await runPull(hub.url, path.join(folder, 'models')));
    await rm(path.join(folder, 'models'), { recursive: true });
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      // Who comes second finds the disk as the first left it: they take turns.
      for (const once of round % 2 === 0 ? [curlOnce, pullOnce] : [pullOnce, curlOnce])
        await once();
      const [curl, pull] = [curls.at(-1), pulls.at(-1)];
      if (!curl || !pull) continue;
      console.log(
        `${mebibytes} MiB: curl ${rate(mebibytes, curl.seconds)}, pull ${rate(mebibytes, pull.seconds)}, memory +${pull.rssGrowthMegabytes} MB`,
      );
    }
    const [curl, sure, pull] = [median(curls), median(verified), median(pulls)];
    console.log(
      `median: curl ${rate(mebibytes, curl)}, curl and sha256sum ${rate(mebibytes, sure)}, pull ` +
        `${rate(mebibytes, pull)}: ${(curl / pull).toFixed(2)} of curl's throughput, ` +
        `${(sure / pull).toFixed(2)} of that of curl and sha256sum`,
    );
  } finally {
    hub.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function median(runs: readonly Run[]): number {
  const sorted = runs.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

async function runCurl(url: string, file: string): Promise<Run> {
  const started = performance.now();
  const address = `${url}/user/repo/resolve/main/model.rkllm`;
  const { status } = spawnSync('curl', ['-sSfL', '-o', file, address], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`curl ended with ${status}`);
  // The pull ends with an fsync, and so must its rival.
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
  return { seconds: (performance.now() - started) / 1000 };
}

/** Seconds. */
function timeOf(command: string, args: readonly string[]): number {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  return (performance.now() - started) / 1000;
}

async function runPull(url: string, folder: string): Promise<Run> {
  const driver = fileURLToPath(new URL('../test/library/pull/driver.ts', import.meta.url));
  const job = JSON.stringify({ folder, endpoint: url, reference });
  const child = spawn(process.execPath, [driver, job], { stdio: ['ignore', 'pipe', 'inherit'] });
  let first = { atMs: 0, rssBytes: 0 };
  let highestBytes = 0;
  let endMs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const rssBytes = Number(/"rssBytes":(\d+)/.exec(line)?.[1]);
    if (line.includes('"start"')) first = { atMs: performance.now(), rssBytes };
    highestBytes = Math.max(highestBytes, rssBytes);
    if (line.includes('"done"')) endMs = performance.now();
    if (line.includes('"error"')) throw new Error(line);
  }
  return {
    seconds: (endMs - first.atMs) / 1000,
    rssGrowthMegabytes: Math.round((highestBytes - first.rssBytes) / 1e6),
  };
}

/** In a process of its own, so that it does not share a thread with what is measured. */
async function startHubProcess(
  sizeBytes: number,
  bytesPerSecond: number,
): Promise<{ url: string; stop: () => void }> {
  const script = `
    const { startHub } = await import(${JSON.stringify(new URL('../test/support/hub/index.ts', import.meta.url).href)});
    const hub = await startHub({
      files: { '${reference}': { sizeBytes: ${sizeBytes}, seed: null } },
      faults: () => ${bytesPerSecond} > 0 ? { bytesPerSecond: ${bytesPerSecond} } : undefined,
    });
    console.log(hub.url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { url: String(line), stop: () => child.kill() };
}

function rate(mebibytes: number, seconds: number): string {
  return `${Math.round(mebibytes / seconds)} MiB/s`;
}

if (import.meta.main) {
  const [mebibytes = '1024', rounds = '5', lineMBs = '0', folder = tmpdir()] =
    process.argv.slice(2);
  await bench(Number(mebibytes), Number(rounds), Number(lineMBs), folder);
}
