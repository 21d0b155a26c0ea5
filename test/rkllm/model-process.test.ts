import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ModelProcess, type RunRequest } from '../../src/rkllm/index.ts';
import type { RuntimeVersion } from '../../src/rkllm/versions.ts';
import { ask, collect, isAlive, Models, type StartOptions } from './models.ts';
import { initParams } from './simulated-board.ts';

const models = new Models(['1.1.4', '1.3.1']);

describe('a run that fails', () => {
  it.each([
    ['crash@3', /was ended by SIGSEGV/],
    ['abort@3', /was ended by SIGABRT/],
    ['exit@3', /exited with code 1[.]/],
  ])('because the library ends its process (%s) says so', async (fault, words) => {
    const { model } = await models.load({ simulate: { FAULT: fault } });
    const pid = model.pid ?? 0;
    const run = model.run(ask('endless'));
    const texts: string[] = [];
    await expect(
      collect(run, (event) => event.type === 'tokens' && texts.push(...event.texts)),
    ).rejects.toMatchObject({
      code: 'runtime_crashed',
      message: expect.stringMatching(words),
    });
    expect(texts[0]).toBe('la ');
    await run.over;
    expect(await model.exited).toMatchObject({ code: 'runtime_crashed' });
    expect(isAlive(pid)).toBe(false);
  });

  it('because the worker was killed says so, and nothing waits for ever after it', async () => {
    const { model } = await models.load({ simulate: { DECODE_MS: '1' } });
    const run = model.run(ask('endless'));
    const failed = collect(run, () => process.kill(model.pid ?? 0, 'SIGKILL'));
    await expect(failed).rejects.toMatchObject({
      code: 'runtime_crashed',
      message: expect.stringMatching(/SIGKILL.*started again with the next request/),
    });
    await run.over;
    const late = model.run(ask('hi'));
    await expect(collect(late)).rejects.toMatchObject({ code: 'runtime_crashed' });
    await late.over;
    await expect(model.call({ method: 'kvCacheSizes' })).rejects.toMatchObject({
      code: 'runtime_crashed',
    });
    await model.unload();
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    ['in the middle', '1.3.1', { FAULT: 'error@2' }, /failed to submit/],
    ['in the middle', '1.1.4', { FAULT: 'error@2', NULL_RESULT: '1' }, /failed to submit/],
    ['at once', '1.3.1', { FAULT: 'run-fail' }, /rkllm_run failed/],
    ['at once', '1.1.4', { FAULT: 'run-fail' }, /rkllm_run failed/],
  ])(
    '%s on runtime %s (%o) gives the reason, and the worker stays',
    async (_, version, simulate, words) => {
      const { model } = await models.load({ version: version as RuntimeVersion, simulate });
      const pid = model.pid;
      for (let round = 0; round < 2; round++) {
        const run = model.run(ask('endless'));
        await expect(collect(run)).rejects.toMatchObject({
          code: 'runtime_failed',
          message: expect.stringMatching(words),
        });
        await run.over;
      }
      expect(model.pid).toBe(pid);
    },
  );

  it('because the prompt is too long tells both numbers', async () => {
    const { model } = await models.load({ params: { maxContextLength: 64 } });
    await expect(collect(model.run(ask('word '.repeat(200))))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringMatching(/prompt has \d+ tokens, the model's context is 64/),
    });
    expect((await collect(model.run(ask('hi')))).text).toBe('one two three');
  });

  it.each<[string, RunRequest, RegExp]>([
    ['a NUL in the prompt', ask('a\0b'), /NUL character/],
    ['logits before 1.2.0', ask('hi', { options: { mode: 'logits' } }), /1\.2\.0/],
    [
      'audio before 1.3.1',
      {
        input: {
          type: 'multimodal',
          text: '<audio>',
          audio: { embedding: new Float32Array(4), tokensPerAudio: 1, count: 1 },
        },
        options: {},
      },
      /1\.3\.1/,
    ],
  ])('because of %s is refused with words, and the worker stays', async (_, request, words) => {
    const { model } = await models.load({ version: '1.1.4' });
    const pid = model.pid;
    const run = model.run(request);
    await expect(collect(run)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(words),
    });
    await run.over;
    expect(model.pid).toBe(pid);
    expect((await collect(model.run(ask('hi')))).text).toBe('one two three');
  });

  it('is not started while another one runs', async () => {
    const { model } = await models.load({ simulate: { DECODE_MS: '1' } });
    const run = model.run(ask('endless'));
    expect(() => model.run(ask('hi'))).toThrow(/still runs/);
    run.abort();
    await collect(run);
  });
});

describe('a call that does not come back', () => {
  it('ends its worker, and says so', async () => {
    const { model, records } = await models.load({ callLimitMs: 500 });
    process.kill(model.pid ?? 0, 'SIGSTOP');
    await expect(model.call({ method: 'clearKvCache' })).rejects.toMatchObject({
      code: 'runtime_crashed',
      message: expect.stringContaining('SIGKILL'),
    });
    expect(records.map(({ message }) => message)).toContain(
      'clearKvCache did not come back within 0.5 s',
    );
  });
});

describe.concurrent('a load that fails', () => {
  it.for<[string, StartOptions, RegExp]>([
    ['rkllm_init fails', { simulate: { FAULT: 'init-fail' } }, /rkllm_init failed/],
    ['the library aborts', { simulate: { FAULT: 'init-abort' } }, /SIGABRT/],
    ['the library exits', { simulate: { FAULT: 'init-exit' } }, /exited with code 1[.]/],
    ['the library crashes', { simulate: { FAULT: 'init-crash' } }, /SIGSEGV/],
    [
      'there is no NPU',
      { simulate: { FAULT: 'no-npu' } },
      /NPU cannot be opened.*video and render/,
    ],
    ['the SoC is another one', { simulate: { PLATFORM: 'lite' } }, /SoC \(lite\) has no NPU/],
    [
      'the model is for another SoC',
      { spec: { platform: 'RK3576' } },
      /model is for RK3576, this board is RK3588/,
    ],
    [
      'the toolkit was newer',
      { spec: { toolkitVersion: '1.9.0' } },
      /librkllmrt\.so 1\.9\.0 or later/,
    ],
    ['memory is short', { simulate: { FAULT: 'memory' } }, /not enough memory/],
    ['too many files are open', { simulate: { FAULT: 'fd-limit' } }, /LimitNOFILE/],
    [
      'the context is too large',
      { params: { maxContextLength: 8192 } },
      /8192 tokens is more than the 4096.*max_context_limit\[4096\]/,
    ],
    ['n_keep is too large', { params: { nKeep: 5000 } }, /n_keep must be less/],
    ['the CPUs do not fit', { params: { cpus: { count: 3, mask: 0xf0 } } }, /CPU mask/],
    ['the architecture is unknown', { spec: { architecture: 'abacus' } }, /architecture abacus/],
    ['the file is an adapter', { spec: { kind: 'lora' } }, /architecture adapter/],
    [
      'the file is not there',
      { params: { modelPath: '/gone.rkllm' } },
      /failed to open.*gone\.rkllm/,
    ],
    ['the path holds a NUL', { params: { modelPath: '/a\0b' } }, /NUL character/],
  ])(
    'because %s says so, and leaves no process',
    async ([, options, words], { expect, onTestFinished }) => {
      const { model } = await models.create(options, onTestFinished);
      const loading = model.load();
      const pid = model.pid ?? 0;
      await expect(loading).rejects.toMatchObject({
        code: 'load_failed',
        message: expect.stringMatching(words),
      });
      expect(model.pid).toBeNull();
      expect(isAlive(pid)).toBe(false);
      await model.unload();
    },
  );

  it('because the file is not a model says so', async ({ expect, onTestFinished }) => {
    const path = models.board.fresh('text.rkllm');
    await writeFile(path, 'This is a letter to a friend, and not a model at all.'.repeat(10));
    const { model } = await models.create({ params: { modelPath: path } }, onTestFinished);
    await expect(model.load()).rejects.toMatchObject({
      code: 'load_failed',
      message: expect.stringMatching(/not an \.rkllm model/),
    });
  });

  it('because the library is not a library gives the words of the loader', async ({ expect }) => {
    const path = models.board.fresh('not-a-library.so');
    await writeFile(path, 'no ELF');
    const model = new ModelProcess({
      library: { path, version: '1.3.1', banner: null, simulator: false },
      params: initParams('/m.rkllm'),
      log: () => {},
    });
    await expect(model.load()).rejects.toMatchObject({
      code: 'load_failed',
      message: expect.stringContaining(path),
    });
    expect(model.pid).toBeNull();
  });

  /** rknn-llm issue 156. */
  it.for<[string, StartOptions, RegExp]>([
    ['init', { simulate: { FAULT: 'init-zero-on-failure,init-fail' } }, /rkllm_init failed/],
    ['memory', { simulate: { FAULT: 'init-zero-on-failure,memory' } }, /not enough memory/],
    [
      'platform',
      { simulate: { FAULT: 'init-zero-on-failure' }, spec: { platform: 'RK3562' } },
      /model is for RK3562/,
    ],
    [
      'file',
      { simulate: { FAULT: 'init-zero-on-failure' }, params: { modelPath: '/gone.rkllm' } },
      /failed to open/,
    ],
  ])(
    'is noticed on 1.1.4 although rkllm_init returns 0 (%s)',
    async ([, options, words], { expect, onTestFinished }) => {
      const { model } = await models.create({ version: '1.1.4', ...options }, onTestFinished);
      await expect(model.load()).rejects.toMatchObject({
        code: 'load_failed',
        message: expect.stringMatching(words),
      });
      expect(model.pid).toBeNull();
    },
  );

  it('because the caller gave up ends the worker and throws his reason', async ({
    expect,
    onTestFinished,
  }) => {
    const { model } = await models.create({ simulate: { LOAD_MS: '60000' } }, onTestFinished);
    const abort = new AbortController();
    const loading = model.load(abort.signal);
    const pid = model.pid ?? 0;
    setTimeout(() => abort.abort(new Error('no longer wanted')), 100);
    await expect(loading).rejects.toThrow('no longer wanted');
    expect(isAlive(pid)).toBe(false);
  });

  it('is not even begun where the caller gave up before', async ({ expect, onTestFinished }) => {
    const { model } = await models.create({}, onTestFinished);
    await expect(model.load(AbortSignal.abort(new Error('never mind')))).rejects.toThrow(
      'never mind',
    );
    expect(model.pid).toBeNull();
  });
});

describe.concurrent('an unload', () => {
  it('during a run ends it at once with what there is', async ({ expect, onTestFinished }) => {
    const { model, received } = await models.load({ simulate: { DECODE_MS: '1' } }, onTestFinished);
    const run = model.run(ask('endless'));
    const { texts, finished } = await collect(run, () => void model.unload());
    expect(finished).toMatchObject({ ending: 'aborted', tokens: texts.length });
    expect(texts.length).toBeGreaterThan(0);
    expect(await model.exited).toMatchObject({ code: 'model_unloaded' });
    expect(await received('rkllm_destroy')).toHaveLength(1);
  });

  it.for([
    ['hangs', 'hang@1'],
    ['does not hear an abort', 'abort-ignored'],
  ])(
    'of a runtime that %s kills it, and the run ends',
    async ([, fault = ''], { expect, onTestFinished }) => {
      const { model } = await models.load(
        { simulate: { FAULT: fault, DECODE_MS: '1' } },
        onTestFinished,
      );
      const pid = model.pid ?? 0;
      const run = model.run(ask('endless'));
      await run.events.next();
      const [{ finished }] = await Promise.all([collect(run), model.unload()]);
      expect(finished.ending).toBe('aborted');
      expect(finished.tokens).toBeGreaterThan(0);
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('of a runtime that hangs in its load kills it', async ({ expect, onTestFinished }) => {
    const { model } = await models.create({ simulate: { FAULT: 'init-hang' } }, onTestFinished);
    const loading = model.load();
    loading.catch(() => {});
    const pid = model.pid ?? 0;
    await model.unload();
    await expect(loading).rejects.toThrow();
    expect(isAlive(pid)).toBe(false);
  });

  it('twice is one', async ({ expect, onTestFinished }) => {
    const { model, received } = await models.load({}, onTestFinished);
    await Promise.all([model.unload(), model.unload()]);
    await model.unload();
    expect(await received('rkllm_destroy')).toHaveLength(1);
  });
});
