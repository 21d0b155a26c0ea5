/**
 * A pull of a big sparse file from the stand-in hub against `curl` to the same disk, and how much
 * the memory of the pulling process grows.
 *
 *     node bench/pull.ts [MiB=1024] [folder]
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

async function bench(mebibytes: number, parent: string): Promise<void> {
  const sizeBytes = mebibytes * 1024 * 1024;
  const hub = await startHubProcess(sizeBytes);
  const folder = await mkdtemp(path.join(parent, 'rkllamad-bench-'));
  try {
    for (let round = 1; round <= 3; round += 1) {
      const curl = await runCurl(hub.url, path.join(folder, 'curl'));
      await rm(path.join(folder, 'curl'));
      const pull = await runPull(hub.url, path.join(folder, 'models'));
      await rm(path.join(folder, 'models'), { recursive: true });
      const ratio = curl.seconds / pull.seconds;
      console.log(
        `${mebibytes} MiB, round ${round}: curl ${rate(mebibytes, curl)}, pull ${rate(mebibytes, pull)}` +
          ` (${ratio.toFixed(2)} of curl's throughput), memory +${pull.rssGrowthMegabytes} MB`,
      );
    }
  } finally {
    hub.stop();
    await rm(folder, { recursive: true, force: true });
  }
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
async function startHubProcess(sizeBytes: number): Promise<{ url: string; stop: () => void }> {
  const script = `
    const { startHub } = await import(${JSON.stringify(new URL('../test/support/hub/index.ts', import.meta.url).href)});
    const hub = await startHub({ files: { '${reference}': { sizeBytes: ${sizeBytes}, seed: null } } });
    console.log(hub.url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { url: String(line), stop: () => child.kill() };
}

function rate(mebibytes: number, { seconds }: Run): string {
  return `${Math.round(mebibytes / seconds)} MiB/s`;
}

if (import.meta.main) {
  const [mebibytes = '1024', folder = tmpdir()] = process.argv.slice(2);
  await bench(Number(mebibytes), folder);
}
