import { utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../../simulator/model-file.ts';
import { type Outcome, runSelftest } from '../../../src/cli/selftest/selftest.ts';
import { glanceAtModels } from '../../../src/library/index.ts';
import { findRuntime, type RuntimeVersion } from '../../../src/rkllm/index.ts';
import { groupVersions, isBefore, SimulatedBoard } from '../../rkllm/simulated-board.ts';

let board: SimulatedBoard;
beforeAll(async () => {
  board = await SimulatedBoard.create(groupVersions);
});
afterAll(() => board.remove());

interface Case {
  version?: RuntimeVersion;
  spec?: ModelFileSpec;
  /** `RKLLM_SIM_` variables without that prefix. */
  simulate?: Record<string, string>;
  patienceMs?: number;
  loadPatienceMs?: number;
  availableBytes?: number | null;
}

async function selftest(options: Case = {}): Promise<Outcome> {
  const {
    version = '1.3.1',
    spec,
    simulate = {},
    patienceMs = 20_000,
    loadPatienceMs = 20_000,
  } = options;
  const path = await board.model({
    text: undefined,
    // The task that is stopped in the middle must not end before.
    script: [{ when: 'Count from one', tokens: ['la '], finish: 'length-only' }],
    ...spec,
  });
  await utimes(path, 0, 0);
  const machine = { platform: null, runtimeVersion: null };
  const { models } = await glanceAtModels(dirname(path), machine);
  const model = models.find((each) => each.path === path);
  if (!model) throw new Error('the model is not found');
  return runSelftest({
    library: await findRuntime({ path: board.library(version) }),
    model,
    environment: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(
        Object.entries({ DECODE_MS: '1', ...simulate }).map(([name, value]) => [
          `RKLLM_SIM_${name}`,
          value,
        ]),
      ),
    },
    patienceMs,
    loadPatienceMs,
    neededBytes: 1e9,
    availableBytes: async () => options.availableBytes ?? null,
    signal: new AbortController().signal,
    onResult: () => {},
    log: () => {},
  });
}

const byVerdict = ({ results }: Outcome, verdict: string) =>
  results.filter((result) => result.verdict === verdict).map(({ id }) => id);
const resultOf = ({ results }: Outcome, id: string) => results.find((each) => each.id === id);

describe('a runtime that does what is known of it', () => {
  it.each(groupVersions)('passes on %s, apart from what it cannot do', async (version) => {
    const outcome = await selftest({ version });
    const skipped = [
      ...(isBefore(version, '1.2.0') ? ['template', 'prefix', 'clear', 'logits'] : []),
      ...(isBefore(version, '1.2.1') ? ['history', 'kv-size'] : []),
    ];
    expect(byVerdict(outcome, 'fail')).toEqual([]);
    expect(byVerdict(outcome, 'skipped').toSorted()).toEqual(skipped.toSorted());
    expect(outcome.facts.runtimeVersion).toBe(version);
  });

  it('passes where it does what nobody knows in another way', async () => {
    const simulate = {
      CALLBACK_THREAD: 'own',
      ABORT_RETURN: '-1',
      HIDDEN_SEQUENCE: 'plain',
      LOGITS_ROWS: 'last',
      WAITING_TEXT: 'partial',
      JOIN: 'remainder',
      NULL_RESULT: '1',
      IS_RUNNING: 'zero',
    };
    expect(byVerdict(await selftest({ simulate }), 'fail')).toEqual([]);
  });

  it('measures', async () => {
    const outcome = await selftest({ simulate: { PREFILL_MS: '1' } });
    const { cold_tokens, warm_tokens, cold_ms, warm_ms } =
      resultOf(outcome, 'prefix')?.measured ?? {};
    expect(Number(cold_tokens)).toBeGreaterThan(100);
    expect(Number(warm_tokens)).toBeLessThan(30);
    expect(Number(cold_ms)).toBeGreaterThanOrEqual(Number(cold_tokens));
    expect(Number(warm_ms)).toBeLessThan(Number(cold_ms));
  });
});

describe('a runtime that does something else', () => {
  it('which misses the end of sequence is found out, with the token', async () => {
    const outcome = await selftest({ version: '1.3.0', spec: { eosType: 'uint32' } });
    expect(byVerdict(outcome, 'fail')).toEqual(['eos']);
    expect(resultOf(outcome, 'eos')?.words).toMatch(/token 258 ends .* the runtime went on/);
  });

  it('which leaves the template inside the file out is found out', async () => {
    const outcome = await selftest({ simulate: { OWN_TEMPLATE: '0' } });
    expect(byVerdict(outcome, 'fail')).toEqual(['template']);
  });

  it('which ignores aborts is found out', async () => {
    const outcome = await selftest({ simulate: { FAULT: 'abort-ignored', DECODE_MS: '3' } });
    expect(byVerdict(outcome, 'fail')).toEqual(['abort']);
    expect(resultOf(outcome, 'abort')?.words).toMatch(/more tokens were generated|still went on/);
  });

  it.each([
    ['hang@10', /silent for 1\.5 s/],
    ['crash@10', /SIGSEGV/],
  ])(
    'which breaks down in an answer (%s) fails there, and is started again',
    async (fault, words) => {
      const outcome = await selftest({ simulate: { FAULT: fault }, patienceMs: 1500 });
      expect(resultOf(outcome, 'text')).toMatchObject({
        verdict: 'fail',
        words: expect.stringMatching(words),
      });
      // A run of five tokens does not reach the fault.
      expect(resultOf(outcome, 'limit')?.verdict).toBe('pass');
      expect(resultOf(outcome, 'hidden')?.verdict).toBe('pass');
    },
  );

  it.each([
    ['init-fail', /rkllm_init failed/, 20_000],
    ['no-npu', /NPU cannot be opened/, 20_000],
    ['init-hang', /did not return/, 1500],
  ])(
    'which does not load (%s) fails once, with the reason',
    async (fault, words, loadPatienceMs) => {
      const outcome = await selftest({ simulate: { FAULT: fault }, loadPatienceMs });
      expect(byVerdict(outcome, 'fail')).toEqual(['load']);
      expect(byVerdict(outcome, 'pass')).toEqual([]);
      expect(resultOf(outcome, 'load')?.words).toMatch(words);
    },
  );
});

it('leaves out what a file without a template and a board without memory cannot show', async () => {
  const outcome = await selftest({ spec: { chatTemplate: null }, availableBytes: 100e6 });
  expect(resultOf(outcome, 'template')).toMatchObject({
    verdict: 'skipped',
    words: 'the file has no template',
  });
  expect(resultOf(outcome, 'two-models')).toMatchObject({
    verdict: 'skipped',
    words: expect.stringMatching(/about 1000 MB, and 100 MB are free/),
  });
});
