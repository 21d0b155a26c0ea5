/**
 * What the daemon adds to the runtime: every figure beside a baseline of the same run. The runtime
 * is the simulator with no cost of its own; the baseline is a C client that calls the same library.
 * Run with `npm run bench`; `--rounds N` for more of each.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { buildDaemon } from '../scripts/build.ts';
import { writeModelFile } from '../simulator/model-file.ts';
import { BenchDaemon, cpuMs, memoryMib } from './lib/daemon.ts';
import { figure, median, worst } from './lib/numbers.ts';
import { type StreamTimes, stream } from './lib/stream-client.ts';

const abi = '1.3.1';
const contextLength = 65_536;
const longAnswer = 60_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '30' } } });
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), 'rkllamad-bench-'));
const models = join(folder, 'models');
const library = join(folder, 'librkllmrt.so');
const client = join(folder, 'throughput');
const environment = {
  RKLLM_LIB: library,
  RKLLAMA_MODELS: models,
  RKLLAMA_CONTEXT_LENGTH: String(contextLength),
};

async function main(): Promise<void> {
  await prepare();
  row('', 'rkllamad', 'baseline', 'ratio');
  await measureStart();
  await measureServing();
  await measureLeaving();
  process.stdout.write(
    `\n${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}\n`,
  );
}

async function prepare(): Promise<void> {
  await buildDaemon();
  execFileSync('scripts/simulator', ['--abi', abi, '--out', library]);
  const source = 'simulator/test/throughput.c';
  execFileSync('cc', [
    '-std=c11',
    '-D_GNU_SOURCE',
    '-O2',
    '-DRKLLM_ABI=1030199',
    '-o',
    client,
    source,
    '-ldl',
  ]);
  execFileSync('mkdir', ['-p', models]);
  await writeModelFile(join(models, 'bench.rkllm'), {
    // Little text: what the simulator keeps of it is not the daemon's memory.
    text: 'yes word',
    maxContext: contextLength,
    script: [
      { when: 'long', tokens: [' word'], repeat: longAnswer },
      { when: '', tokens: [' yes'] },
    ],
  });
}

async function measureStart(): Promise<void> {
  const bare: number[] = [];
  const full: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    bare.push(performance.now() - started);
    const begun = performance.now();
    const daemon = await BenchDaemon.start(environment);
    await fetch(daemon.url);
    full.push(performance.now() - begun);
    await daemon.stop();
  }
  row(
    'start to the first answer on /, against an empty Node.js',
    ms(full),
    ms(bare),
    ratio(full, bare),
  );
}

async function measureServing(): Promise<void> {
  const daemon = await BenchDaemon.start(environment);
  await load(daemon);
  const memory = await memoryOf(daemon);

  const direct = Array.from({ length: rounds }, () => callDirectly('hello').ttft_us / 1000);
  for (let round = 0; round < 5; round++) await stream(daemon.url, 'hello');
  const served: number[] = [];
  for (let round = 0; round < rounds; round++)
    served.push((await stream(daemon.url, 'hello')).firstMs);
  row(
    'time to first token (median)',
    ms(served),
    ms(direct),
    `+${figure(median(served) - median(direct))} ms`,
  );

  const direct60k = median([1, 2, 3].map(() => callDirectly('long').tokens_per_second));
  const before = cpuOf(daemon);
  const runs: StreamTimes[] = [];
  for (let round = 0; round < 5; round++) runs.push(await stream(daemon.url, 'long'));
  const cpu = cpuOf(daemon);
  const tokens = runs.length * longAnswer;
  if (runs.some(({ objects }) => objects !== longAnswer + 1)) throw new Error('tokens were lost');
  const rate = median(
    runs.map(({ totalMs, firstMs }) => (longAnswer / (totalMs - firstMs)) * 1000),
  );
  row(
    'tokens per second to one client',
    figure(rate),
    figure(direct60k),
    `${figure(direct60k / rate)} x slower`,
  );
  row('microseconds per token', figure(1e6 / rate), figure(1e6 / direct60k), '');
  row(
    'CPU of the daemon per token',
    `${figure(((cpu.daemon - before.daemon) / tokens) * 1000)} us`,
    '',
    '',
  );
  row(
    'CPU of the worker per token',
    `${figure(((cpu.worker - before.worker) / tokens) * 1000)} us`,
    '',
    '',
  );

  row('memory of daemon + worker, loaded, RSS', memory.rss, memory.baseRss, '');
  row('the same, shared pages counted once, PSS', memory.pss, '', '');
  const after = await memoryOf(daemon);
  row(`after ${tokens.toLocaleString('en')} tokens, RSS`, after.rss, '', '');
  await daemon.stop();
}

/** From the moment a client closes its connection to the library's `rkllm_abort`. */
async function measureLeaving(): Promise<void> {
  const calls = join(folder, 'calls.jsonl');
  const daemon = await BenchDaemon.start({
    ...environment,
    RKLLM_SIM_CALLS: calls,
    RKLLM_SIM_DECODE_MS: '5',
  });
  await load(daemon);
  const delays: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { leftAt } = await stream(daemon.url, 'long', 20);
    await sleep(100);
    const aborts = abortTimes(calls);
    delays.push((aborts.at(-1) ?? Number.NaN) - leftAt);
  }
  row('client leaves to rkllm_abort (median)', ms(delays), '', '');
  row('client leaves to rkllm_abort (worst)', `${figure(worst(delays))} ms`, '', '');
  await daemon.stop();
}

async function load(daemon: BenchDaemon): Promise<void> {
  for (;;) {
    const response = await fetch(new URL('/load_model', daemon.url), {
      method: 'POST',
      body: JSON.stringify({ model_name: 'bench.rkllm' }),
    });
    if (response.ok) return;
    // A file of a moment ago is listed once it has stopped growing.
    await sleep(100);
  }
}

function cpuOf(daemon: BenchDaemon): { daemon: number; worker: number } {
  return { daemon: cpuMs(daemon.pid), worker: cpuMs(daemon.workerPid) };
}

async function memoryOf(
  daemon: BenchDaemon,
): Promise<{ rss: string; pss: string; baseRss: string }> {
  await stream(daemon.url, 'hello');
  const [a, b] = [memoryMib(daemon.pid), memoryMib(daemon.workerPid)];
  const empty = execFileSync(process.execPath, ['-e', emptyRss], { encoding: 'utf8' });
  return {
    rss: `${figure(a.rss)} + ${figure(b.rss)} = ${figure(a.rss + b.rss)} MiB`,
    pss: `${figure(a.pss)} + ${figure(b.pss)} = ${figure(a.pss + b.pss)} MiB`,
    baseRss: `${figure(Number(empty) / 1024)} MiB each, empty`,
  };
}

const emptyRss = `console.log(/^Rss:\\s+(\\d+)/m.exec(require('fs').readFileSync('/proc/self/smaps_rollup','utf8'))[1])`;

const direct = z.object({ ttft_us: z.number(), tokens: z.number(), tokens_per_second: z.number() });

function callDirectly(prompt: string): z.infer<typeof direct> {
  const model = join(models, 'bench.rkllm');
  const out = execFileSync(client, [library, model, prompt, String(contextLength)], {
    encoding: 'utf8',
  });
  return direct.parse(JSON.parse(out));
}

const call = z.object({ function: z.string(), started_ms: z.number() });

function abortTimes(file: string): number[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines
    .map((line) => call.safeParse(JSON.parse(line)))
    .flatMap(({ data }) => (data?.function === 'rkllm_abort' ? [data.started_ms] : []));
}

function ms(times: readonly number[]): string {
  return `${figure(median(times))} ms`;
}

function ratio(times: readonly number[], baseline: readonly number[]): string {
  return `${figure(median(times) / median(baseline))} x`;
}

function row(what: string, ...cells: string[]): void {
  process.stdout.write(`${what.padEnd(58)}${cells.map((cell) => cell.padStart(26)).join('')}\n`);
}

try {
  await main();
} finally {
  await BenchDaemon.stopAll();
  rmSync(folder, { recursive: true, force: true });
}
