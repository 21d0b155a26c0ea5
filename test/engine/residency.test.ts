import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import type { GenerationOptions, GenerationRequest } from '../../src/engine/index.ts';
import { simulator } from '../e2e/board.ts';
import { asking, collect, isAlive, Rig } from './rig.ts';

const library = await simulator('1.3.1');

const howAreYou = 'Hello, how are you?';
const forEver = 'Go on for ever';
const slow = { RKLLM_SIM_DECODE_MS: '20' };
const two = { 'a.rkllm': {}, 'b.rkllm': {} };
const three = { ...two, 'c.rkllm': {} };
const gib = 2 ** 30;
const four: Record<string, ModelFileSpec> = {
  ...three,
  'large.rkllm': { sizeBytes: 500_000_000 },
};

const asked = (model: string, more: GenerationOptions = {}): GenerationRequest => ({
  ...asking(howAreYou),
  model,
  ...more,
});
const failure = (code: string, words = /\w+ \w+/) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });
const loaded = (rig: Rig) => rig.engine.loaded().map(({ name }) => name);

/** Parameters of every load, oldest first. */
async function loads(rig: Rig) {
  const params = (await rig.calls('rkllm_init')).map(({ args }) => Object(args['param']));
  return params.map((param) => ({
    domain: Object(param.extend_param).base_domain_id,
    context: param.max_context_len,
  }));
}

/** Memory of a board on which every loaded model takes `each` bytes of `total`. */
function board(total: number, each: number) {
  const rig: { current?: Rig } = {};
  const availableBytes = async () => {
    const infos = rig.current?.engine.loaded() ?? [];
    return total - each * infos.filter(({ pid }) => pid !== null).length;
  };
  return { availableBytes, rig };
}

describe('a request for a model that is not loaded', () => {
  it('loads it on the way, and says how long that took', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '50' } });
    const answer = await rig.ask(asked('model'));
    expect(answer).toMatchObject({ text: 'I am fine.', finishReason: 'stop' });
    expect(answer.timings?.loadMs).toBeGreaterThanOrEqual(50);
    expect(loaded(rig)).toEqual(['model.rkllm']);
    const again = await rig.ask(asked('model'));
    expect(again.timings?.loadMs).toBeLessThan(answer.timings?.loadMs ?? 0);
  });

  it('loads it once for fifty that come at once', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '50' } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => rig.ask(asked('model'))));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['I am fine.']));
    expect(await loads(rig)).toHaveLength(1);
  });

  it('does not load it where it has to be loaded already', async () => {
    await using rig = await Rig.start({ library });
    await expect(rig.ask(asked('model', { mustBeLoaded: true }))).rejects.toEqual(
      failure('model_not_loaded'),
    );
    expect(await loads(rig)).toEqual([]);
  });

  it('for vectors loads it, too', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.embed({ model: 'model', inputs: ['a'] }, new AbortController().signal);
    expect(loaded(rig)).toEqual(['model.rkllm']);
  });

  it('is told why it cannot be loaded, with all who wait for it; nothing stays', async () => {
    await using rig = await Rig.start({
      library,
      simulator: { RKLLM_SIM_FAULT: 'memory', RKLLM_SIM_LOAD_MS: '20' },
    });
    const signal = new AbortController().signal;
    const results = await Promise.allSettled([
      rig.ask(asked('model')),
      rig.ask(asked('model')),
      rig.engine.embed({ model: 'model', inputs: ['a'] }, signal),
      rig.engine.load('model'),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ reason: failure('load_failed', /memory/) });
    }
    expect(loaded(rig)).toEqual([]);
    expect(await loads(rig)).toHaveLength(1);
    await expect(rig.ask(asked('model'))).rejects.toEqual(failure('load_failed'));
    expect(await loads(rig)).toMatchObject([{ domain: 1 }, { domain: 1 }]);
  });

  it('leaves no trace when it is left before its turn came', async () => {
    await using rig = await Rig.start({ library, models: two, simulator: slow });
    await rig.engine.load('a');
    const running = await rig.generate(asked('a', asking(forEver)));
    const events = running.events[Symbol.asyncIterator]();
    await events.next();
    const leaving = new AbortController();
    const left = rig.ask(asked('b'), leaving.signal);
    left.catch(() => {});
    await expect.poll(() => rig.engine.queued()).toHaveLength(1);
    expect(rig.engine.loaded()[1]).toMatchObject({ name: 'b.rkllm', state: 'loading', pid: null });
    leaving.abort(new Error('The client has left.'));
    await expect(left).rejects.toThrow('The client has left.');
    await expect.poll(() => loaded(rig)).toEqual(['a.rkllm']);
    await events.return?.();
    expect(await loads(rig)).toHaveLength(1);
  });

  it('holds nothing when it was left before it was made and is never read', async () => {
    await using rig = await Rig.start({ library, models: two });
    await rig.engine.load('a', 50);
    await rig.generate(asked('a'), AbortSignal.abort(new Error('The client has left.')));
    await expect.poll(() => loaded(rig)).toEqual([]);
  });

  it('gives the NPU to the next when it is left while the model loads', async () => {
    await using rig = await Rig.start({
      library,
      simulator: { RKLLM_SIM_LOAD_MS: '2000' },
    });
    const leaving = new AbortController();
    const left = rig.ask(asked('model'), leaving.signal);
    left.catch(() => {});
    await expect.poll(() => rig.engine.queued()).toEqual([]);
    await sleep(100);
    leaving.abort(new Error('The client has left.'));
    await expect(left).rejects.toThrow('The client has left.');
    expect(rig.engine.loaded()).toMatchObject([{ state: 'loading' }]);
    // The load goes on: the next one finds the model there.
    expect((await rig.ask(asked('model'))).text).toBe('I am fine.');
    expect(await loads(rig)).toHaveLength(1);
  });
});

describe('a model whose files change while it is loaded', () => {
  /** A catalogue in which the Modelfile can be edited. */
  function editable() {
    const shelf: { rig?: Rig; numCtx: number } = { numCtx: 256 };
    const find = (name: string) => {
      if (!shelf.rig) throw new Error('no rig yet');
      const model = shelf.rig.find(name);
      return { ...model, modelfile: { ...model.modelfile, numCtx: shelf.numCtx } };
    };
    return { shelf, catalogue: { find } };
  }

  it('is loaded anew for the next request, and once', async () => {
    const { shelf, catalogue } = editable();
    await using rig = await Rig.start({ library, catalogue });
    shelf.rig = rig;
    await rig.ask(asked('model'));
    await rig.ask(asked('model'));
    expect(await loads(rig)).toMatchObject([{ context: 256 }]);
    shelf.numCtx = 512;
    const answers = await Promise.all([rig.ask(asked('model')), rig.ask(asked('model'))]);
    expect(answers.map(({ text }) => text)).toEqual(['I am fine.', 'I am fine.']);
    expect(await loads(rig)).toMatchObject([{ context: 256 }, { context: 512 }]);
  });

  it('stays as it is for as long as somebody uses it', async () => {
    const { shelf, catalogue } = editable();
    await using rig = await Rig.start({ library, catalogue, simulator: slow });
    shelf.rig = rig;
    const first = rig.ask(asked('model'));
    await expect.poll(() => rig.engine.loaded()[0]?.state).toBe('busy');
    shelf.numCtx = 512;
    const second = rig.ask(asked('model'));
    expect((await first).text).toBe('I am fine.');
    expect((await second).text).toBe('I am fine.');
    expect(await loads(rig)).toHaveLength(1);
    await expect
      .poll(async () => {
        await rig.ask(asked('model'));
        return loads(rig);
      })
      .toHaveLength(2);
  });
});

describe('keep-alive', () => {
  it('of 0 unloads after the answer, and with it the process', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    expect((await rig.ask(asked('model', { keepAliveMs: 0 }))).text).toBe('I am fine.');
    await expect.poll(() => loaded(rig)).toEqual([]);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('of 0 waits for whoever else uses the model', async () => {
    await using rig = await Rig.start({ library });
    const answers = await Promise.all(
      [0, 0, 0].map((keepAliveMs) => rig.ask(asked('model', { keepAliveMs }))),
    );
    expect(answers.map(({ text }) => text)).toEqual(Array(3).fill('I am fine.'));
    expect(await loads(rig)).toHaveLength(1);
    await expect.poll(() => loaded(rig)).toEqual([]);
  });

  it('that ends unloads, and says when it will; not while somebody uses the model', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: 300, simulator: slow });
    await rig.engine.load('model');
    const { expiresAt } = rig.engine.loaded()[0] ?? {};
    expect(Number(expiresAt) - Date.now()).toBeGreaterThan(0);
    expect(Number(expiresAt) - Date.now()).toBeLessThanOrEqual(300);
    const leaving = new AbortController();
    const running = rig.ask(asked('model', asking(forEver)), leaving.signal);
    await expect.poll(() => rig.engine.loaded()[0]?.state).toBe('busy');
    await sleep(500);
    const busy = rig.engine.loaded()[0];
    expect(busy?.state).toBe('busy');
    expect(Number(busy?.expiresAt)).toBeGreaterThan(Date.now());
    leaving.abort();
    await running;
    await expect.poll(() => loaded(rig)).toEqual([]);
  });

  it.each([
    ['for ever', Number.POSITIVE_INFINITY],
    ['beyond the calendar', 1e300],
  ])('%s stays', async (_, keepAliveMs) => {
    await using rig = await Rig.start({ library, keepAliveMs: 20 });
    await rig.engine.load('model', keepAliveMs);
    await sleep(100);
    expect(rig.engine.loaded()).toMatchObject([{ expiresAt: null }]);
  });

  it('lasts as long when the clock is set, and is told by the new time', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: 60_000 });
    await rig.engine.load('model');
    const tenYears = 10 * 365 * 24 * 3600 * 1000;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + tenYears });
    try {
      const leftMs = Number(rig.engine.loaded()[0]?.expiresAt) - Date.now();
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(60_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('longer than a timer can count stays', async () => {
    await using rig = await Rig.start({ library });
    const month = 31 * 24 * 3600 * 1000;
    await rig.engine.load('model', month);
    expect(Number(rig.engine.loaded()[0]?.expiresAt)).toBeGreaterThan(Date.now() + month - 60_000);
    await sleep(50);
    expect(loaded(rig)).toEqual(['model.rkllm']);
  });

  it('is what the last request that says something wants', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: 100 });
    await rig.ask(asked('model', { keepAliveMs: Number.POSITIVE_INFINITY }));
    await rig.ask(asked('model'));
    await sleep(200);
    expect(rig.engine.loaded()).toMatchObject([{ expiresAt: null }]);
    await rig.engine.load('model', 60_000);
    expect(Number(rig.engine.loaded()[0]?.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
    const signal = new AbortController().signal;
    await rig.engine.embed({ model: 'model', inputs: ['a'], keepAliveMs: 0 }, signal);
    await expect.poll(() => loaded(rig)).toEqual([]);
  });

  it('of 0 leaves room for the same model that is asked for again at once', async () => {
    // What the worker of a model took is back only when that is gone.
    await using rig = await Rig.start({
      library,
      models: { 'model.rkllm': { sizeBytes: 3 * gib } },
      availableBytes: async () => 4 * gib - 3 * gib * (await livingWorkers()),
    });
    for (let times = 0; times < 4; times++) {
      expect((await rig.ask(asked('model', { keepAliveMs: 0 }))).text).toBe('I am fine.');
      // Out of the list, but its process is still there.
      while (loaded(rig).length > 0) await nextTurn();
    }
  });
});

async function livingWorkers(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const pids = children.split(' ').filter(Boolean);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => /rkllm\/worker/.test(line)).length;
}

describe('a pinned model', () => {
  it('is loaded at the start, under any of its names; one that cannot be is a warning', async () => {
    await using rig = await Rig.start({ library, models: two, pinned: ['b', 'nobody'] });
    await rig.engine.start();
    expect(rig.engine.loaded()).toMatchObject([
      { name: 'b.rkllm', state: 'ready', pinned: true, expiresAt: null },
    ]);
    expect(rig.log).toEqual(['not preloaded']);
  });

  it('neither expires nor is evicted', async () => {
    const { availableBytes, rig: holder } = board(gib, 0.8 * gib);
    await using rig = await Rig.start({ library, models: two, pinned: ['a'], availableBytes });
    holder.current = rig;
    await rig.engine.start();
    await rig.ask(asked('a', { keepAliveMs: 0 }));
    await expect(rig.ask(asked('b'))).rejects.toEqual(failure('insufficient_memory'));
    expect(loaded(rig)).toEqual(['a.rkllm']);
  });
});

describe('when memory is short', () => {
  it('the idle models go that were used least lately, as many as it takes', async () => {
    const { availableBytes, rig: holder } = board(0.85 * gib, 0.3 * gib);
    await using rig = await Rig.start({ library, models: four, availableBytes });
    holder.current = rig;
    const { pid: a } = await rig.engine.load('a');
    await rig.engine.load('b');
    await rig.ask(asked('a'));
    expect((await rig.ask(asked('c'))).text).toBe('I am fine.');
    expect(loaded(rig)).toEqual(['a.rkllm', 'c.rkllm']);
    // Needs what two of them give back.
    await rig.ask(asked('b'));
    expect(loaded(rig)).toEqual(['c.rkllm', 'b.rkllm']);
    expect(isAlive(a)).toBe(false);
    await rig.ask(asked('large'));
    expect(loaded(rig)).toEqual(['large.rkllm']);
  });

  it('none goes that is busy or waited for; the load is refused with the numbers', async () => {
    const memory = { bytes: null as number | null };
    await using rig = await Rig.start({
      library,
      models: three,
      simulator: slow,
      availableBytes: async () => memory.bytes,
    });
    await rig.engine.load('b');
    const running = await rig.generate(asked('a', asking(forEver)));
    const events = running.events[Symbol.asyncIterator]();
    await events.next();
    const waiting = rig.ask(asked('b'));
    memory.bytes = 123_000_000;
    await expect(rig.engine.load('c')).rejects.toEqual(
      expect.objectContaining({
        code: 'insufficient_memory',
        message: expect.stringMatching(
          /c\.rkllm needs about 3\d\d MB of memory and 123 MB are free/,
        ),
        retryAfterSeconds: expect.any(Number),
      }),
    );
    expect(loaded(rig)).toEqual(['b.rkllm', 'a.rkllm']);
    await events.return?.();
    expect((await waiting).text).toBe('I am fine.');
  });
});

describe('unloading', () => {
  it('does not wait for the load of another model that is ahead in the line', async () => {
    await using rig = await Rig.start({
      library,
      models: two,
      simulator: { RKLLM_SIM_LOAD_MS: '2000' },
    });
    const first = rig.engine.load('a');
    const second = rig.engine.load('b');
    second.catch(() => {});
    await expect.poll(() => rig.engine.loaded()).toHaveLength(2);
    await rig.engine.unload('b');
    expect(rig.engine.loaded()).toMatchObject([{ name: 'a.rkllm', state: 'loading' }]);
    await expect(second).rejects.toEqual(failure('model_unloaded'));
    expect((await first).state).toBe('ready');
    await rig.engine.load('b');
    expect(await loads(rig)).toMatchObject([{ domain: 1 }, { domain: 2 }]);
  });

  it('by keep-alive is over when the engine has stopped', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    await rig.ask(asked('model', { keepAliveMs: 0 }));
    await expect.poll(() => loaded(rig), { interval: 1 }).toEqual([]);
    await rig.engine.stop();
    expect(isAlive(pid)).toBe(false);
  });
});

describe.concurrent('domains', () => {
  it('are given back with every unload: sixteen in a row take the first', async () => {
    await using rig = await Rig.start({ library });
    for (let times = 0; times < 16; times++) {
      await rig.engine.load('model');
      await rig.engine.unload('model');
    }
    expect((await loads(rig)).map(({ domain }) => domain)).toEqual(Array(16).fill(1));
  });

  it('of models larger than 4 GiB are several in a row', async () => {
    const large: Record<string, ModelFileSpec> = {
      'a.rkllm': { sizeBytes: 5 * gib },
      'b.rkllm': { sizeBytes: 9 * gib },
      'c.rkllm': {},
    };
    await using rig = await Rig.start({
      library,
      models: large,
      simulator: { RKLLM_SIM_FAULT: 'domain-limit' },
    });
    for (const name of ['a', 'b', 'c']) await rig.engine.load(name);
    expect((await loads(rig)).map(({ domain }) => domain)).toEqual([1, 3, 6]);
    await rig.engine.unload('a');
    expect((await rig.ask(asked('a'))).text).toBe('I am fine.');
    expect((await loads(rig)).at(-1)?.domain).toBe(1);
  });

  it('that are all taken make the idle model go that was used least lately', async () => {
    const most = { 'a.rkllm': { sizeBytes: 30 * gib }, 'b.rkllm': { sizeBytes: 31 * gib } };
    await using rig = await Rig.start({ library, models: most });
    await rig.engine.load('a');
    await rig.engine.load('b');
    expect(loaded(rig)).toEqual(['b.rkllm']);
  });
});

describe('the context that a request asks for', () => {
  const contexts = async (rig: Rig) => (await loads(rig)).map(({ context }) => context);

  it('loads the model again with more, as far as the file allows, and never with less', async () => {
    await using rig = await Rig.start({ library, models: { 'model.rkllm': { maxContext: 2048 } } });
    await rig.ask(asked('model'));
    for (const contextLength of [1024, 512, 1024, 100_000, 4096]) {
      expect((await rig.ask(asked('model', { contextLength }))).text).toBe('I am fine.');
    }
    expect(await contexts(rig)).toEqual([512, 1024, 2048]);
    expect(rig.engine.current()).toMatchObject({ contextLength: 2048, state: 'ready' });
    expect(await loads(rig)).toMatchObject(Array(3).fill({ domain: 1 }));
  });

  it('of the first request is what the model is loaded with', async () => {
    await using rig = await Rig.start({ library });
    await rig.ask(asked('model', { contextLength: 1024 }));
    expect(await contexts(rig)).toEqual([1024]);
  });

  it('that comes while the model is being loaded with less is waited for', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '50' } });
    const loading = rig.engine.load('model');
    await expect.poll(() => rig.engine.loaded()[0]?.state).toBe('loading');
    const long = 'the quick brown fox '.repeat(40);
    const answer = await rig.ask({
      ...asking(`${long} how are you?`),
      model: 'model',
      contextLength: 1024,
    });
    expect(answer).toMatchObject({ text: 'I am fine.', droppedMessages: 0 });
    await loading;
    expect(await contexts(rig)).toEqual([512, 1024]);
  });

  it('that there is no memory for is refused, and the next request gets what there was', async () => {
    const memory = { bytes: null as number | null };
    await using rig = await Rig.start({ library, availableBytes: async () => memory.bytes });
    await rig.ask(asked('model'));
    memory.bytes = 1000;
    await expect(rig.ask(asked('model', { contextLength: 1024 }))).rejects.toEqual(
      failure('insufficient_memory'),
    );
    memory.bytes = null;
    expect((await rig.ask(asked('model'))).text).toBe('I am fine.');
    expect(await contexts(rig)).toEqual([512, 512]);
  });

  it('that the runtime itself refuses is not tried again with every request', async () => {
    await using readable = await Rig.start({
      library,
      models: { 'model.rkllm': { maxContext: 1000 } },
    });
    const model = readable.find('model');
    const blind = {
      find: () => ({
        ...model,
        name: 'blind',
        inspection: { ...model.inspection, maxContext: null },
      }),
    };
    await using rig = await Rig.start({ library, catalogue: blind });
    for (let times = 0; times < 3; times++) {
      expect((await rig.ask(asked('blind', { contextLength: 4096 }))).text).toBe('I am fine.');
    }
    expect(await contexts(rig)).toEqual([4096, 992]);
  });
});

describe('several models', () => {
  it('two generate at once where two may, and never one twice', async () => {
    await using rig = await Rig.start({ library, models: two, parallel: 2, simulator: slow });
    await rig.engine.load('a');
    await rig.engine.load('b');
    const questions = ['a', 'b', 'a', 'b'].map((model) => asked(model));
    const answers = await Promise.all(questions.map((question) => rig.ask(question)));
    expect(answers.map(({ text }) => text)).toEqual(Array(4).fill('I am fine.'));
    const runs = await rig.calls('rkllm_run');
    const pairs = runs.flatMap((run, index) => runs.slice(0, index).map((other) => [run, other]));
    const atOnce = pairs.filter(([a, b]) => a && b && a.started_ms < b.ms && b.started_ms < a.ms);
    expect(atOnce.length).toBeGreaterThan(0);
    expect(atOnce.filter(([a, b]) => a?.pid === b?.pid)).toEqual([]);
  });

  it('one that is killed is started again with its next request; the other goes on', async () => {
    await using rig = await Rig.start({ library, models: two });
    const { pid } = await rig.engine.load('a');
    const { pid: b } = await rig.engine.load('b');
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => rig.engine.loaded()[0]?.state).toBe('crashed');
    expect((await rig.ask(asked('b'))).text).toBe('I am fine.');
    expect((await collect(await rig.generate(asked('a')))).text).toBe('I am fine.');
    expect(rig.engine.loaded()).toMatchObject([{ state: 'ready' }, { state: 'ready', pid: b }]);
    expect(await loads(rig)).toMatchObject([{ domain: 1 }, { domain: 2 }, { domain: 1 }]);
  });
});
