/**
 * What the catalogue of 1,000 model folders costs, against a plain recursive `readdir` and `stat` of the same
 * folder in the same run. Run with `node bench/catalogue.ts [--models 1000]`.
 */

import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeModelFile } from '../simulator/model-file.ts';
import { Catalogue } from '../src/library/index.ts';

const { values } = parseArgs({ options: { models: { type: 'string', default: '1000' } } });
const count = Number(values.models);
const rounds = 20;
const root = await mkdtemp(join(tmpdir(), 'rkllamad-bench-'));

try {
  await layOut();
  const baselineMs = await timed(listPlainly);
  const catalogue = new Catalogue({ folder: root, settleMs: 1 });
  const startMs = await timed(() => catalogue.start());
  const found = catalogue.models().length;
  const sweepMs = await timed(() => catalogue.refresh());
  const cpuBefore = process.cpuUsage();
  const changeMs: number[] = [];
  for (let round = 0; round < rounds; round++) changeMs.push(await timeOfChange(catalogue, round));
  const { user, system } = process.cpuUsage(cpuBefore);
  const reads = 1000;
  const readMs = await timed(async () => {
    for (let read = 0; read < reads; read++) catalogue.models();
  });
  const findMs = await timed(async () => {
    for (let read = 0; read < reads; read++) catalogue.find(`user-${read % count}:3b`);
  });
  await catalogue.stop();
  const median = changeMs.sort((a, b) => a - b)[rounds >> 1] ?? 0;
  report('models found', found, '');
  report('plain readdir and stat', baselineMs, 'ms');
  report('start-up', startMs, `ms = ${(startMs / baselineMs).toFixed(1)} x plain`);
  report(
    'looking at everything again',
    sweepMs,
    `ms = ${(sweepMs / baselineMs).toFixed(1)} x plain`,
  );
  report('change to event (median, 50 ms of it waiting)', median, 'ms');
  report('processor per change', (user + system) / 1000 / rounds, 'ms');
  report('models() from memory', (readMs * 1000) / reads, 'us');
  report('find() from memory', (findMs * 1000) / reads, 'us');
} finally {
  await rm(root, { recursive: true, force: true });
}

async function layOut(): Promise<void> {
  const file = encodeModelFile({ text: 'the quick brown fox', vocabSize: 400 });
  for (let index = 0; index < count; index++) {
    const folder = join(root, `user-${index}-3B-rk3588-w8a8`);
    await mkdir(join(folder, 'tokenizer'), { recursive: true });
    await writeFile(join(folder, 'model.rkllm'), file);
    await writeFile(join(folder, 'Modelfile'), 'FROM=model.rkllm\nTEMPERATURE=0.5\nNUM_CTX=4096\n');
  }
}

async function listPlainly(): Promise<void> {
  const entries = await readdir(root, { recursive: true });
  for (const entry of entries) await stat(join(root, entry));
}

/** From a new model folder to the event that says so. */
async function timeOfChange(catalogue: Catalogue, round: number): Promise<number> {
  const name = `new-${round}`;
  const changed = new Promise<void>((done) => {
    catalogue.changes.on('change', () => {
      if (catalogue.models().some((model) => model.name === name)) done();
    });
  });
  const ms = await timed(async () => {
    await cp(join(root, 'user-0-3B-rk3588-w8a8'), join(root, name), { recursive: true });
    await changed;
  });
  catalogue.changes.removeAllListeners('change');
  return ms;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(48)} ${value.toFixed(1).padStart(9)} ${unit}`);
}
