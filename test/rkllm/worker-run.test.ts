import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { callState } from '../../src/rkllm/abi.ts';
import { capabilitiesOf } from '../../src/rkllm/capabilities.ts';
import { NativeMemory, type StructValues } from '../../src/rkllm/memory.ts';
import type { Report, RunCommand } from '../../src/rkllm/protocol.ts';
import { ResultReader } from '../../src/rkllm/result.ts';
import { abiGroupOf, type RuntimeVersion } from '../../src/rkllm/versions.ts';
import { WorkerRun } from '../../src/rkllm/worker-run.ts';
import { ask, collect, isAlive, Models, thousand } from './models.ts';
import { groupVersions, isBefore } from './simulated-board.ts';

const models = new Models(groupVersions);

describe.each(groupVersions)('a run on runtime %s', (version) => {
  const counts = !isBefore(version, '1.2.1');
  let prepared: Awaited<ReturnType<Models['prepare']>>;
  beforeAll(async () => {
    prepared = await models.prepare({ version, spec: { embeddingSize: 16 } });
    await prepared.model.load();
  });
  afterAll(() => prepared.end());

  it('is of a model that told of itself and the board while it was loaded', () => {
    expect(prepared.model.facts).toMatchObject({
      runtimeVersion: version,
      driverVersion: '0.9.8',
      platform: 'RK3588',
      toolkitVersion: '1.1.0',
      maxContextLimit: 4096,
      npuCores: 3,
      targetPlatform: 'RK3588',
      ...(counts && { modelDtype: 'W8A8' }),
    });
    expect(prepared.records[0]).toMatchObject({ level: 'info', source: 'rkllm' });
  });

  it('gives the answer token by token, then its end with the counters', async () => {
    const { texts, ids, finished } = await collect(prepared.model.run(ask('hi')));
    expect(texts).toEqual(['one', ' two', ' three']);
    expect(ids).toHaveLength(3);
    expect(finished).toEqual({
      type: 'finished',
      ending: 'end',
      tokens: 3,
      counters: {
        prefillMs: expect.any(Number),
        prefillTokens: expect.any(Number),
        decodeMs: expect.any(Number),
        decodeTokens: 3,
        memoryMb: counts ? expect.any(Number) : null,
      },
      kvEntries: counts ? expect.any(Number) : null,
    });
    const prefilled = finished.counters?.prefillTokens ?? 0;
    expect(prefilled).toBeGreaterThan(0);
    if (counts) expect(finished.kvEntries).toBe(prefilled + 3);
  });

  it('is counted by itself', async () => {
    for (const maxTokens of [1, 3, 2]) {
      const { finished } = await collect(prepared.model.run(ask('hi', { maxTokens })));
      expect(finished.tokens).toBe(maxTokens);
      expect(finished.counters?.decodeTokens).toBeGreaterThanOrEqual(maxTokens);
      expect(finished.counters?.decodeTokens).toBeLessThanOrEqual(3);
    }
  });

  it('gives as many tokens as it may, never more, and the next run is whole', async () => {
    const { model, received } = prepared;
    for (let round = 0; round < 5; round++) {
      const { texts, finished } = await collect(model.run(ask('endless', { maxTokens: 5 })));
      expect(texts).toHaveLength(5);
      expect(finished).toMatchObject({ ending: 'limit', tokens: 5 });
      const next = await collect(model.run(ask('hi', { maxTokens: 10 })));
      expect(next.text).toBe('one two three');
      expect(next.finished).toMatchObject({ ending: 'end', tokens: 3 });
    }
    const asked = (await received('rkllm_run')).map(({ args }) => args['infer']);
    if (isBefore(version, '1.3.0')) expect(await received('rkllm_abort')).not.toHaveLength(0);
    else expect(asked.slice(-2)).toMatchObject([{ max_new_tokens: 5 }, { max_new_tokens: 10 }]);
  });

  it('gives nothing where nothing is asked for', async () => {
    const { texts, finished } = await collect(prepared.model.run(ask('endless', { maxTokens: 0 })));
    expect(texts).toEqual([]);
    expect(finished).toMatchObject({ ending: 'limit', tokens: 0 });
  });

  it('gives hidden states', async () => {
    const ids = Int32Array.of(97, 98, 99);
    const run = prepared.model.run({ input: { type: 'tokens', ids }, options: { mode: 'hidden' } });
    const { matrices, finished } = await collect(run);
    expect(matrices).toMatchObject([{ kind: 'hidden', rows: 3, columns: 16 }]);
    expect(matrices[0]?.values).toHaveLength(48);
    expect(finished.ending).toBe('end');
  });

  it.skipIf(isBefore(version, '1.2.0'))('gives logits', async () => {
    const ids = Int32Array.of(100, 101);
    const run = prepared.model.run({ input: { type: 'tokens', ids }, options: { mode: 'logits' } });
    const { matrices, finished } = await collect(run);
    expect(matrices).toMatchObject([{ kind: 'logits', rows: 2 }]);
    expect(finished.ending).toBe('end');
  });

  it('is over, for good, when its model is unloaded', async () => {
    const { model, received } = prepared;
    const pid = model.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    await model.unload();
    expect(isAlive(pid)).toBe(false);
    expect(model.pid).toBeNull();
    expect(await model.exited).toMatchObject({ code: 'model_unloaded' });
    expect(await received('rkllm_destroy')).toHaveLength(1);
    await expect(collect(model.run(ask('hi')))).rejects.toMatchObject({ code: 'model_unloaded' });
  });
});

describe('the text of a run', () => {
  const whole = 'a你😀éß 好.';

  it.each([
    ['null', 'joined'],
    ['partial', 'joined'],
    ['partial', 'remainder'],
  ])('is whole where WAITING carries %s and NORMAL what is %s', async (waiting, join) => {
    const { model } = await models.load({ simulate: { WAITING_TEXT: waiting, JOIN: join } });
    const { text, texts, ids, finished } = await collect(model.run(ask('split')));
    expect(text).toBe(whole);
    expect(texts).toHaveLength(14);
    expect(ids).toHaveLength(14);
    expect(ids.every((id) => id >= 0)).toBe(true);
    expect(finished.tokens).toBe(14);
  });

  it('ends with U+FFFD where the last character is not whole', async () => {
    const { model } = await models.load({ simulate: { WAITING_TEXT: 'partial' } });
    const { texts, ids, finished } = await collect(model.run(ask('broken')));
    expect(texts).toEqual(['a', '', '\uFFFD']);
    expect(ids.at(-1)).toBe(-1);
    expect(finished.tokens).toBe(2);
  });

  it.each(['1.1.4', '1.3.1'] as const)(
    'of 20,000 tokens is complete and in order on runtime %s',
    async (version) => {
      const { model } = await models.load({
        version,
        spec: { maxContext: 32768 },
        params: { maxContextLength: 32768 },
      });
      const { texts, ids, finished } = await collect(model.run(ask('thousand')));
      expect(texts).toHaveLength(20_000);
      expect(ids).toHaveLength(20_000);
      expect(texts.join('')).toBe(thousand.join('').repeat(20));
      expect(finished).toMatchObject({ ending: 'end', tokens: 20_000 });
      expect(finished.counters?.decodeTokens).toBe(20_000);
    },
    30_000,
  );

  it('is cut at a stop token, which is not part of it', async () => {
    const { model } = await models.load();
    const { ids } = await collect(model.run(ask('hi')));
    const stopTokenIds = [ids[1] ?? 0];
    const stopped = await collect(model.run(ask('hi', { stopTokenIds })));
    expect(stopped.texts).toEqual(['one']);
    expect(stopped.finished).toMatchObject({ ending: 'end', tokens: 1 });
    expect((await collect(model.run(ask('hi')))).text).toBe('one two three');
  });
});

describe('an abort', () => {
  it('ends the run at a token, and the next run is whole', async () => {
    const { model, received } = await models.load({ simulate: { DECODE_MS: '1' } });
    const run = model.run(ask('endless'));
    const { finished } = await collect(run, ({ type }) => type === 'tokens' && run.abort());
    expect(finished.ending).toBe('aborted');
    expect(finished.tokens).toBeGreaterThan(0);
    expect(await received('rkllm_abort')).not.toHaveLength(0);
    expect((await collect(model.run(ask('hi')))).text).toBe('one two three');
  });

  it('during prefill ends the run before its first token', async () => {
    const { model } = await models.load({ simulate: { PREFILL_MS: '3' } });
    const run = model.run(ask('endless '.repeat(20)));
    setTimeout(() => run.abort(), 50);
    const { finished, texts } = await collect(run);
    expect(texts).toEqual([]);
    expect(finished).toMatchObject({ ending: 'aborted', tokens: 0 });
  });

  it('that comes before the runtime has begun is not lost', async () => {
    const { model } = await models.load({ simulate: { DECODE_MS: '1' } });
    for (let round = 0; round < 5; round++) {
      const run = model.run(ask('endless'));
      run.abort();
      const { finished, texts } = await collect(run);
      expect(texts).toEqual([]);
      expect(finished).toMatchObject({ ending: 'aborted', tokens: 0 });
    }
  });

  it('after the end is nothing, neither for this run nor for the next', async () => {
    const { model, received } = await models.load({ simulate: { IDLE_ABORT: 'sticky' } });
    for (let round = 0; round < 5; round++) {
      const run = model.run(ask('hi'));
      const { text } = await collect(run, ({ type }) => type === 'finished' && run.abort());
      run.abort();
      expect(text).toBe('one two three');
    }
    expect(await received('rkllm_abort')).toEqual([]);
  });

  it('is an end and not a failure where the runtime returns -1 for it', async () => {
    const { model } = await models.load({ simulate: { DECODE_MS: '1', ABORT_RETURN: '-1' } });
    const run = model.run(ask('endless'));
    const { finished } = await collect(run, ({ type }) => type === 'tokens' && run.abort());
    expect(finished.ending).toBe('aborted');
  });

  it('for the token limit is one, too', async () => {
    const { model } = await models.load({ version: '1.2.3', simulate: { ABORT_RETURN: '-1' } });
    const { finished } = await collect(model.run(ask('endless', { maxTokens: 4 })));
    expect(finished).toMatchObject({ ending: 'limit', tokens: 4 });
  });
});

/** A run whose callbacks the test makes. */
class Rehearsal {
  readonly reports: Report[] = [];
  aborts = 0;
  readonly run: WorkerRun;
  readonly #reader: ResultReader;
  readonly #memory: NativeMemory;

  constructor(version: RuntimeVersion, more: Partial<RunCommand> = {}) {
    const group = abiGroupOf(version);
    this.#reader = new ResultReader(group);
    this.#memory = new NativeMemory(group);
    onTestFinished(() => this.#memory.free());
    this.run = new WorkerRun(
      { type: 'run', run: 1, ...ask(''), ...more },
      (report) => this.reports.push(report),
      () => {
        this.aborts += 1;
      },
      capabilitiesOf(version),
    );
  }

  /** What the runtime gets back. */
  callBack(state: number, values: StructValues = {}): number {
    return this.run.onResult(this.#reader, this.#memory.struct('Result', values), state);
  }

  token(id: number, text: string | Uint8Array, state: number = callState.normal): number {
    const bytes = new Int32Array(16);
    new Uint8Array(bytes.buffer).set(Buffer.from(text));
    return this.callBack(state, { text: this.#memory.array(bytes), token_id: id });
  }
}

describe('a run that is asked to stop', () => {
  it('asks the runtime again at each token, which may not have heard it before it began', () => {
    const rehearsal = new Rehearsal('1.3.1');
    rehearsal.run.requestAbort();
    expect(rehearsal.aborts).toBe(1);
    rehearsal.token(5, 'a');
    rehearsal.token(6, 'b', callState.waiting);
    expect(rehearsal.aborts).toBe(3);
    rehearsal.callBack(callState.finish);
    const report = rehearsal.run.finish(0);
    expect(report).toMatchObject({ ok: true, ending: 'aborted', tokens: 0, rest: '' });
    expect(rehearsal.reports).toEqual([]);
  });

  it('asks nothing of a runtime that has finished, which could hit the next run', () => {
    const rehearsal = new Rehearsal('1.3.1');
    rehearsal.token(5, 'a');
    rehearsal.callBack(callState.finish);
    rehearsal.run.requestAbort();
    expect(rehearsal.run.finish(0)).toMatchObject({ ok: true, ending: 'end', tokens: 1 });
    rehearsal.run.requestAbort();
    expect(rehearsal.aborts).toBe(0);
  });

  it('drops what comes after its last token, also half a character', () => {
    const rehearsal = new Rehearsal('1.2.3', { maxTokens: 1 });
    rehearsal.token(5, 'a');
    rehearsal.token(6, Uint8Array.of(0xe4), callState.waiting);
    rehearsal.token(7, Uint8Array.of(0xe4, 0xbd));
    rehearsal.callBack(callState.finish);
    expect(rehearsal.run.finish(0)).toMatchObject({ ending: 'limit', tokens: 1, rest: '' });
    expect(rehearsal.reports).toEqual([{ type: 'tokens', run: 1, texts: ['a'], ids: [5] }]);
  });
});

describe('a run whose runtime', () => {
  it.each<[string, number, readonly number[]]>([
    ['returns an error', -1, [callState.normal]],
    ['reports an error', 0, [callState.normal, callState.error]],
    ['reports an error and finishes', 0, [callState.error, callState.finish]],
    ['finishes and returns an error', -1, [callState.finish]],
    ['never finishes', 0, [callState.normal]],
  ])('%s is not good', (_, status, states) => {
    const rehearsal = new Rehearsal('1.3.1');
    for (const state of states) rehearsal.callBack(state);
    expect(rehearsal.run.finish(status).ok).toBe(false);
  });

  it('finishes is good', () => {
    const rehearsal = new Rehearsal('1.3.1');
    rehearsal.callBack(callState.finish);
    expect(rehearsal.run.finish(0).ok).toBe(true);
  });

  it.each(groupVersions)('%s may free a matrix gets the answer that it knows', (version) => {
    const rehearsal = new Rehearsal(version, { options: { mode: 'hidden' } });
    const memory = new NativeMemory(abiGroupOf(version));
    const values = {
      'last_hidden_layer.hidden_states': memory.array(Float32Array.of(1, 2)),
      'last_hidden_layer.embd_size': 2,
      'last_hidden_layer.num_tokens': 1,
    };
    const state = version === '1.1.4' ? callState.lastHiddenLayer : callState.normal;
    expect(rehearsal.callBack(callState.normal)).toBe(0);
    expect(rehearsal.callBack(state, values)).toBe(isBefore(version, '1.3.0') ? 0 : 2);
    expect(rehearsal.reports).toHaveLength(1);
    memory.free();
  });
});
