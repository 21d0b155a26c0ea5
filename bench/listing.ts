/**
 * How long clients wait for `GET /api/tags` (Home Assistant and Open WebUI ask it all the time)
 * while the board is idle, while a model loads and while one generates as fast as the daemon can
 * relay. Run with `npm run bench:listing`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildDaemon } from '../scripts/build.ts';
import { writeModelFile } from '../simulator/model-file.ts';
import { BenchDaemon } from './lib/daemon.ts';
import { figure, median, worst } from './lib/numbers.ts';
import { stream } from './lib/stream-client.ts';

const loadMs = 4000;
const rounds = 200;
const folder = mkdtempSync(join(tmpdir(), 'rkllamad-bench-'));
const models = join(folder, 'models');
const library = join(folder, 'librkllmrt.so');

async function main(): Promise<void> {
  await buildDaemon();
  execFileSync('scripts/simulator', ['--abi', '1.3.1', '--out', library]);
  mkdirSync(models);
  for (let index = 0; index < 20; index++) {
    await writeModelFile(join(models, `model-${index}.rkllm`), {
      text: 'yes word',
      maxContext: 65_536,
      script: [{ when: '', tokens: [' word'], finish: 'length-only' }],
    });
  }
  const daemon = await BenchDaemon.start({
    RKLLM_LIB: library,
    RKLLAMA_MODELS: models,
    RKLLAMA_CONTEXT_LENGTH: '65536',
    RKLLM_SIM_LOAD_MS: String(loadMs),
  });
  while ((await tags(daemon.url)).count < 20) await sleep(50);
  const idle = await times(daemon.url, () => true);
  report('idle', idle, idle);

  let loading = true;
  const load = fetch(new URL('/load_model', daemon.url), {
    method: 'POST',
    body: JSON.stringify({ model_name: 'model-0.rkllm' }),
  }).then((response) => {
    loading = false;
    if (!response.ok) throw new Error(`not loaded: ${response.status}`);
  });
  report('while a model loads', await times(daemon.url, () => loading), idle);
  await load;

  let generating = true;
  const answer = stream(daemon.url, 'go on').then(() => {
    generating = false;
  });
  report('while one generates', await times(daemon.url, () => generating), idle);
  await answer;
  await daemon.stop();
}

/** Milliseconds of each request, as long as `goesOn` and at most `rounds`. */
async function times(url: string, goesOn: () => boolean): Promise<number[]> {
  const found: number[] = [];
  while (found.length < rounds && goesOn()) {
    found.push((await tags(url)).ms);
    await sleep(5);
  }
  return found;
}

async function tags(url: string): Promise<{ ms: number; count: number }> {
  const started = performance.now();
  const body = await (await fetch(new URL('/api/tags', url))).text();
  return { ms: performance.now() - started, count: body.split('"name"').length - 1 };
}

function report(when: string, found: readonly number[], idle: readonly number[]): void {
  const ratio = figure(median(found) / median(idle));
  process.stdout.write(
    `GET /api/tags ${when.padEnd(22)} median ${figure(median(found))} ms, worst ` +
      `${figure(worst(found))} ms of ${found.length}, ${ratio} x idle\n`,
  );
}

try {
  await main();
} finally {
  await BenchDaemon.stopAll();
  rmSync(folder, { recursive: true, force: true });
}
