/**
 * Prompts that are never computed twice: what a board computes over a day's conversations, with
 * restarts between, against the least that it could, and how long clients wait for the first token,
 * against the same engine without a store. Run with `node bench/prefix.ts [trace]`.
 *
 * The simulator computes at three times the published speed of Qwen3-1.7B on an RK3588 (4.5 ms per
 * prompt token, 100 ms per run), and generates ten times as fast (80 ms per token), so that it takes
 * minutes and not half an hour; clients rest half a second between their requests. Its files are
 * small (4 bytes per token instead of 110,000) and in memory where there is /dev/shm: what a real
 * disk costs is not in these figures, and on a slow one the store saves less often.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ModelFileSpec, writeModelFile } from '../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../simulator/tokenizer-json.ts';
import { Engine } from '../src/engine/index.ts';
import { Prompter } from '../src/engine/prompt/index.ts';
import { promptModelOf } from '../src/engine/resident-model.ts';
import { Catalogue } from '../src/library/index.ts';
import { findRuntime } from '../src/rkllm/index.ts';
import { figure } from './lib/numbers.ts';
import { Ledger } from './lib/prefix-ledger.ts';
import { type Step, traces } from './lib/prefix-traces.ts';

const restMs = 500;
const costs = {
  RKLLM_SIM_PREFILL_MS: '1.5',
  RKLLM_SIM_DECODE_MS: '8',
  RKLLM_SIM_RUN_MS: '33',
};

const spec: ModelFileSpec = { maxContext: 16_384, script: [{ when: '', echo: true }] };
const memoryDisk = '/dev/shm';
const place = existsSync(memoryDisk) ? memoryDisk : tmpdir();
const folder = mkdtempSync(join(place, 'rkllamad-prefix-bench-'));
const modelFolder = join(folder, 'models', 'm');
const library = join(folder, 'librkllmrt.so');

interface Outcome {
  computed: number;
  firstMs: number[];
}

async function main(): Promise<void> {
  execFileSync('scripts/simulator', ['--abi', '1.3.1', '--out', library]);
  mkdirSync(modelFolder, { recursive: true });
  await writeModelFile(join(modelFolder, 'm.rkllm'), spec);
  utimesSync(join(modelFolder, 'm.rkllm'), 0, 0);
  writeFileSync(join(modelFolder, 'tokenizer.json'), tokenizerJson(spec));
  // The family's template has a place for tools, the simulator's has none.
  const { chat_template: _, ...config } = JSON.parse(tokenizerConfigJson(spec));
  writeFileSync(join(modelFolder, 'tokenizer_config.json'), JSON.stringify(config));
  row('', 'least', 'computed', 'ratio', 'without', 'mean TTFT', 'without', 'ratio');
  const wanted = process.argv.slice(2).join(' ');
  for (const [name, steps] of Object.entries(traces)) {
    if (!name.includes(wanted)) continue;
    const least = await leastOf(steps);
    const stored = await play(steps, join(folder, name));
    const bare = await play(steps, null);
    row(
      name,
      figure(least),
      figure(stored.computed),
      `${figure(stored.computed / least)} x`,
      figure(bare.computed),
      `${figure(sum(stored.firstMs) / steps.length)} ms`,
      `${figure(sum(bare.firstMs) / steps.length)} ms`,
      `${figure(sum(stored.firstMs) / sum(bare.firstMs))} x`,
    );
  }
  process.stdout.write(`\n${cpus().length} x ${cpus()[0]?.model}, Node.js ${process.version}\n`);
}

/** Prompt tokens that no earlier prompt or answer of the trace begins with. */
async function leastOf(steps: readonly Step[]): Promise<number> {
  const catalogue = new Catalogue({ folder: join(folder, 'models') });
  await catalogue.start();
  const prompter = new Prompter(promptModelOf(catalogue.find('m')));
  await catalogue.stop();
  const ledger = new Ledger();
  for (const { messages, tools, answer } of [warmUp, ...steps]) {
    const { ids } = await prompter.render({ messages, tools });
    if (!ids) throw new Error('the model has no tokenizer');
    ledger.add(ids, (await prompter.tokenize(answer)) ?? new Int32Array());
  }
  await prompter.close();
  return ledger.unseen;
}

/** The board's first words: they teach it what saving costs. */
const warmUp: Step = {
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
  answer: 'hello',
  restart: false,
};

async function play(steps: readonly Step[], cache: string | null): Promise<Outcome> {
  const outcome: Outcome = { computed: 0, firstMs: [] };
  let life = await start(cache);
  await ask(life.engine, warmUp);
  await sleep(1500);
  for (const step of steps) {
    if (step.restart) {
      outcome.computed += await life.stop();
      life = await start(cache);
      await life.engine.load('m');
    }
    outcome.firstMs.push(await ask(life.engine, step));
    await sleep(restMs);
  }
  outcome.computed += await life.stop();
  return outcome;
}

async function start(cache: string | null) {
  const catalogue = new Catalogue({ folder: join(folder, 'models') });
  await catalogue.start();
  const engine = new Engine({
    catalogue,
    runtime: () => findRuntime({ path: library }),
    queueLimit: 10,
    parallel: 1,
    pinned: [],
    keepAliveMs: Number.POSITIVE_INFINITY,
    availableBytes: async () => null,
    prefixes: { folder: cache ?? '', budgetBytes: cache === null ? 0 : 2 ** 31 },
    log: silent,
    settings: {
      contextLength: 16_384,
      cpus: { count: 4, mask: 0xf0 },
      embedFlash: true,
      environment: { PATH: process.env['PATH'], ...costs },
    },
  });
  await engine.start();
  const stop = async () => {
    await engine.stop();
    await catalogue.stop();
    const { promptTokens, tokensFromMemory, tokensFromFiles, tokensForSaves } =
      engine.prefixStats();
    return promptTokens - tokensFromMemory - tokensFromFiles + tokensForSaves;
  };
  return { engine, stop };
}

/** Milliseconds to the first token. */
async function ask(engine: Engine, { messages, tools, answer }: Step): Promise<number> {
  const began = performance.now();
  const { signal } = new AbortController();
  const request = { model: 'm', messages, tools, sampling: { temperature: 0.1 } };
  const { events } = await engine.generate(request, signal);
  let firstMs = 0;
  let text = '';
  for await (const batch of events) {
    firstMs ||= performance.now() - began;
    for (const event of batch) if (event.type === 'text') text += event.text;
  }
  if (text !== answer) throw new Error(`answered "${text}" instead of "${answer}"`);
  return firstMs;
}

const nothing = () => {};
const silent = {
  child: () => silent,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function row(what: string, ...cells: string[]): void {
  process.stdout.write(`${what.padEnd(26)}${cells.map((cell) => cell.padStart(13)).join('')}\n`);
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
