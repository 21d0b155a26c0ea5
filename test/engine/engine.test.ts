import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import type { ChatMessage, Generation, GenerationRequest } from '../../src/engine/index.ts';
import { findRuntime, ModelProcess, type RuntimeLibrary } from '../../src/rkllm/index.ts';
import { simulator } from '../e2e/board.ts';
import { asking, collect, isAlive, Rig } from './rig.ts';

/** The engine with everything below it: worker processes, FFI, native threads of the simulator. */

/** The newest runtime, and the newest without sampling per run. */
const [library, library123] = await Promise.all([simulator('1.3.1'), simulator('1.2.3')]);

const howAreYou = 'Hello, how are you?';
const forEver = 'Go on for ever';
const conversation: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: howAreYou },
];
const rendered =
  '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
  '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nHello, how are you?<|im_end|>\n' +
  '<|im_start|>assistant\n';
/** The answer that goes on for ever takes ten seconds to fill the context. */
const slow = { RKLLM_SIM_DECODE_MS: '20' };
const two = { 'a.rkllm': {}, 'b.rkllm': {} };

/** Reads until the first token. */
async function begun(generation: Generation) {
  const events = generation.events[Symbol.asyncIterator]();
  await events.next();
  return { [Symbol.asyncIterator]: () => events };
}

const failure = (code: string, words = /\w+ \w+/) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });

describe('loading', () => {
  it('a hundred at once load a model once', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '50' } });
    const infos = await Promise.all(
      Array.from({ length: 100 }, (_, i) => rig.engine.load(i % 2 ? 'model' : 'model.rkllm')),
    );
    expect(new Set(infos.map(({ pid }) => pid)).size).toBe(1);
    expect(await rig.calls('rkllm_init')).toHaveLength(1);
    expect(rig.engine.loaded()).toEqual([
      expect.objectContaining({ name: 'model.rkllm', state: 'ready', contextLength: 512 }),
    ]);
    expect(rig.engine.loaded()[0]?.loadMs).toBeGreaterThanOrEqual(50);
  });

  it('each model has a process and a domain of its own, and the last loaded is the current one', async () => {
    await using rig = await Rig.start({ library, models: two });
    expect(rig.engine.current()).toBeUndefined();
    const a = await rig.engine.load('a');
    const b = await rig.engine.load('b');
    expect(a.pid).not.toBe(b.pid);
    expect(rig.engine.loaded().map(({ name }) => name)).toEqual(['a.rkllm', 'b.rkllm']);
    expect(rig.engine.current()?.name).toBe('b.rkllm');
    const domains = (await rig.calls('rkllm_init')).map(({ args }) => args['param']);
    expect(domains).toMatchObject([
      { extend_param: { base_domain_id: 1 } },
      { extend_param: { base_domain_id: 2 } },
    ]);
    expect(await rig.engine.unload('b')).toEqual(['b.rkllm']);
    expect(rig.engine.current()?.name).toBe('a.rkllm');
    expect([isAlive(a.pid), isAlive(b.pid)]).toEqual([true, false]);
  });

  it('unloading gives every model and every domain back', async () => {
    await using rig = await Rig.start({ library, models: two });
    const pids = [(await rig.engine.load('a')).pid, (await rig.engine.load('b')).pid];
    expect(await rig.engine.unload()).toEqual(['a.rkllm', 'b.rkllm']);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(rig.engine.loaded()).toEqual([]);
    expect(await rig.engine.unload()).toEqual([]);
    await expect(rig.engine.unload('a')).rejects.toEqual(failure('model_not_loaded'));
    await rig.engine.load('b');
    expect((await rig.calls('rkllm_init')).at(-1)?.args['param']).toMatchObject({
      extend_param: { base_domain_id: 1 },
    });
  });

  it('unloading ends a load that is still going on', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '60000' } });
    const loading = rig.engine.load('model');
    loading.catch(() => {});
    await expect.poll(() => rig.engine.loaded()[0]?.state).toBe('loading');
    await rig.engine.unload('model');
    await expect(loading).rejects.toEqual(failure('model_unloaded'));
    expect(rig.engine.loaded()).toEqual([]);
  });

  it('unloading right after the wish to load leaves nothing behind', async () => {
    const found = await findRuntime({ path: library });
    await using rig = await Rig.start({ library, runtime: async () => found });
    const loading = rig.engine.load('model');
    loading.catch(() => {});
    // No later than this: the load must be known, and not yet have begun.
    for (let i = 0; i < 10 && rig.engine.loaded().length === 0; i++) await Promise.resolve();
    await rig.engine.unload();
    await expect(loading).rejects.toEqual(failure('model_unloaded'));
    await rig.engine.load('model');
    expect((await rig.calls('rkllm_init')).at(-1)?.args['param']).toMatchObject({
      extend_param: { base_domain_id: 1 },
    });
  });

  it('a load that fails is told with the runtime’s reason, and leaves nothing behind', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_FAULT: 'memory' } });
    await expect(rig.engine.load('model')).rejects.toEqual(failure('load_failed', /memory/));
    expect(rig.engine.loaded()).toEqual([]);
    await expect(rig.generate(howAreYou)).rejects.toEqual(failure('model_not_loaded'));
  });

  it('a model that is not there, and one that cannot run here, are told before a process starts', async () => {
    await using rig = await Rig.start({ library, platform: 'RK3576' });
    await expect(rig.engine.load('nobody')).rejects.toEqual(failure('model_not_found', /nobody/));
    await expect(rig.engine.load('model')).rejects.toEqual(
      failure('model_unusable', /for RK3588, this board is RK3576/),
    );
    expect(await rig.calls('rkllm_init')).toEqual([]);
  });

  it('a runtime that is missing is told with the way to it, and used once it is there', async () => {
    let path = '/nowhere/librkllmrt.so';
    await using rig = await Rig.start({
      library,
      runtime: () => findRuntime({ path }),
    });
    await expect(rig.engine.load('model')).rejects.toEqual(
      failure('runtime_not_found', /nowhere\/librkllmrt\.so/),
    );
    path = library;
    expect((await rig.engine.load('model')).state).toBe('ready');
  });
});

describe('the context', () => {
  const contexts = async (rig: Rig) =>
    (await rig.calls('rkllm_init')).map(({ args }) =>
      Reflect.get(Object(args['param']), 'max_context_len'),
    );

  it.each([
    ['the settings ask for less', 4096, 256, 256],
    ['the file allows less', 1024, 4096, 1024],
    ['the file allows an odd number', 1000, 4096, 992],
    ['the settings ask for an odd number', 4096, 1000, 992],
  ])('is what fits when %s', async (_, maxContext, contextLength, expected) => {
    const models = { 'model.rkllm': { maxContext } };
    await using rig = await Rig.start({ library, models, contextLength });
    expect((await rig.engine.load('model')).contextLength).toBe(expected);
    expect(await contexts(rig)).toEqual([expected]);
  });

  it('is clamped to what the runtime names, when the file could not be read', async () => {
    const models = { 'model.rkllm': { maxContext: 1000 } };
    await using readable = await Rig.start({ library, models });
    const model = readable.find('model');
    const inspection = { ...model.inspection, maxContext: null };
    const blind = { find: () => ({ ...model, name: 'blind', inspection }) };
    await using rig = await Rig.start({ library, contextLength: 4096, catalogue: blind });
    expect((await rig.engine.load('blind')).contextLength).toBe(992);
    expect(await contexts(rig)).toEqual([4096, 992]);
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
    expect(rig.log).toContainEqual(expect.stringMatching(/smaller context/));
  });

  it('that a prompt exceeds is told with the numbers, and the next request is answered', async () => {
    await using rig = await Rig.start({ library, contextLength: 128 });
    await rig.engine.load('model');
    await expect(rig.ask('word '.repeat(200))).rejects.toEqual(
      failure('context_length_exceeded', /\d+ tokens.* 128/),
    );
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
  });

  it('that an answer fills ends it as its length', async () => {
    await using rig = await Rig.start({ library, contextLength: 96 });
    await rig.engine.load('model');
    const { text, finishReason } = await rig.ask(forEver);
    expect(finishReason).toBe('length');
    expect(text).toMatch(/^(on and )+(on )?$/);
  });
});

/** What Qwen2.5's own template puts before a conversation without a system message. */
const qwenSystem =
  '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n';

describe('the prompt', () => {
  it('of a single question is left to the template in the file', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    expect(await rig.ask(howAreYou)).toMatchObject({ text: 'I am fine.', finishReason: 'stop' });
    expect(await rig.prompts()).toEqual([howAreYou]);
    expect(await rig.calls('rkllm_set_chat_template')).toEqual([]);
  });

  it('of a conversation is rendered whole, with the file’s template switched off once', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    expect((await rig.ask({ messages: conversation })).text).toBe('I am fine.');
    expect((await rig.ask({ messages: conversation })).text).toBe('I am fine.');
    // It cannot be switched on again, so a single question is rendered too from now on.
    expect((await rig.ask('Echo!')).text).toBe('Echo!');
    expect(await rig.prompts()).toEqual([
      rendered,
      rendered,
      `${qwenSystem}<|im_start|>user\nEcho!<|im_end|>\n<|im_start|>assistant\n`,
    ]);
    expect((await rig.calls('rkllm_set_chat_template')).map(({ args }) => args)).toEqual([
      { system_prompt: '', prompt_prefix: '', prompt_postfix: '' },
    ]);
  });

  it('of a conversation finds the template off after a restart, too', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    await rig.ask({ messages: conversation });
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => rig.engine.current()?.state).toBe('crashed');
    expect((await rig.ask({ messages: conversation })).text).toBe('I am fine.');
    const pids = (await rig.calls('rkllm_set_chat_template')).map((call) => call.pid);
    expect(pids).toEqual([pid, rig.engine.current()?.pid]);
  });

  it('is rendered always where the runtime has no template of its own (before 1.2.0)', async () => {
    await using rig = await Rig.start({ library: await simulator('1.1.4') });
    await rig.engine.load('model');
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
    expect(await rig.prompts()).toEqual([
      `${qwenSystem}<|im_start|>user\n${howAreYou}<|im_end|>\n<|im_start|>assistant\n`,
    ]);
  });

  it('with a NUL is refused before it is queued', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    await expect(rig.generate('a\0b')).rejects.toEqual(failure('invalid_request', /NUL/));
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
  });
});

describe('an answer', () => {
  it.each(['1.3.1', '1.2.3'])('ends at the wished number of tokens (%s)', async (abi) => {
    await using rig = await Rig.start({ library: abi === '1.3.1' ? library : library123 });
    await rig.engine.load('model');
    const cut = await rig.ask({ ...asking(howAreYou), maxTokens: 2 });
    expect(cut).toMatchObject({ text: 'I am', finishReason: 'length' });
    expect(cut.usage?.completionTokens).toBe(2);
    const whole = await rig.ask({ ...asking(howAreYou), maxTokens: 5 });
    expect(whole).toMatchObject({ text: 'I am fine.', finishReason: 'stop' });
    expect(whole.usage?.completionTokens).toBe(4);
  });

  it.each([
    ['1.3.1', 'whole', {}],
    ['1.3.1', 'cut', { maxTokens: 2 }],
    ['1.2.3', 'whole', {}],
    ['1.2.3', 'cut', { maxTokens: 2 }],
  ])(
    'counts a repeated prompt as long as a first one, and says what was cached (%s, %s)',
    async (abi, _, limit) => {
      await using rig = await Rig.start({ library: abi === '1.3.1' ? library : library123 });
      await rig.engine.load('model');
      const request = { ...asking(howAreYou), ...limit };
      const [first, second] = [(await rig.ask(request)).usage, (await rig.ask(request)).usage];
      expect(first).toMatchObject({ cachedTokens: 0, promptTokens: expect.any(Number) });
      expect(second?.completionTokens).toBe(first?.completionTokens);
      // Whether the last token of an answer that was cut is in the cache is a race.
      const near = [-1, 0, 1].map((off) => Number(first?.promptTokens) + off);
      expect(near).toContain(second?.promptTokens);
      expect(second?.cachedTokens).toBe(second?.promptTokens);
    },
  );

  it('says how long it waited, loaded, prefilled and decoded', async () => {
    const simulator = { RKLLM_SIM_PREFILL_MS: '1', RKLLM_SIM_DECODE_MS: '1' };
    await using rig = await Rig.start({ library, simulator });
    await rig.engine.load('model');
    const [first, second] = await Promise.all([rig.ask(howAreYou), rig.ask('Another one')]);
    expect(first.timings?.prefillMs).toBeGreaterThan(0);
    expect(first.timings?.decodeMs).toBeGreaterThan(0);
    expect(second.timings?.queueMs).toBeGreaterThan(Number(first.timings?.queueMs));
  });

  it('honours the sampling of its request where the runtime can', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    const generation = await rig.generate({
      ...asking(howAreYou),
      sampling: { temperature: 0, topK: 1, repeatPenalty: 1.5 },
    });
    expect(generation.unsupported).toEqual([]);
    await collect(generation);
    await rig.ask(howAreYou);
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => args['infer']);
    expect(runs).toMatchObject([
      { sampling_params: { temperature: 0, top_k: 1, repeat_penalty: 1.5, top_p: 0.899999976 } },
      { sampling_params: { temperature: 0.800000012, top_k: 40, repeat_penalty: 1.10000002 } },
    ]);
  });

  it('names the sampling that the runtime cannot honour, and logs it once', async () => {
    await using rig = await Rig.start({ library: library123 });
    await rig.engine.load('model');
    const request: GenerationRequest = {
      ...asking(howAreYou),
      sampling: { temperature: 0, topK: 1 },
    };
    for (let times = 0; times < 2; times++) {
      const generation = await rig.generate(request);
      expect(generation.unsupported).toEqual(['temperature', 'topK']);
      expect((await collect(generation)).text).toBe('I am fine.');
    }
    expect(rig.log.filter((line) => /ignored/.test(line))).toHaveLength(2);
    expect((await rig.generate(howAreYou)).unsupported).toEqual([]);
  });

  it('is made with the settings of the model’s Modelfile where its request says nothing', async () => {
    await using rig = await Rig.start({
      library,
      models: { 'tuned/tuned.rkllm': {} },
      modelfiles: { 'tuned/Modelfile': 'NUM_CTX=256\nTEMPERATURE=0.5\nMAX_NEW_TOKENS=3\n' },
    });
    expect((await rig.engine.load('tuned')).contextLength).toBe(256);
    expect((await rig.ask(howAreYou)).text).toBe('I am fine');
    const sampling = { temperature: 0 };
    expect((await rig.ask({ ...asking(howAreYou), maxTokens: 2, sampling })).text).toBe('I am');
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => args['infer']);
    expect(runs).toMatchObject([
      { max_new_tokens: 3, sampling_params: { temperature: 0.5, top_k: 40 } },
      { max_new_tokens: 2, sampling_params: { temperature: 0, top_k: 40 } },
    ]);
  });

  it('ends on runtime 1.3.0 although that misses the end of sequence of older files', async () => {
    const models: Record<string, ModelFileSpec> = { 'model.rkllm': { eosType: 'uint32' } };
    await using rig = await Rig.start({ library: await simulator('1.3.0'), models });
    await rig.engine.load('model');
    const first = await rig.ask(howAreYou);
    expect(first).toMatchObject({ text: 'I am fine.', finishReason: 'stop' });
    expect(first.usage).toMatchObject({ completionTokens: 4, cachedTokens: 0 });
    const { usage } = await rig.ask(howAreYou);
    expect(usage).toEqual({ ...first.usage, cachedTokens: first.usage?.promptTokens });
  });

  it('needs a loaded model', async () => {
    await using rig = await Rig.start({ library, models: two });
    await expect(rig.generate(howAreYou)).rejects.toEqual(failure('model_not_loaded'));
    await rig.engine.load('a');
    const toB = { ...asking(howAreYou), model: 'b', mustBeLoaded: true };
    await expect(rig.generate(toB)).rejects.toEqual(failure('model_not_loaded'));
    const toNobody = { ...asking(howAreYou), model: '../x', mustBeLoaded: true };
    await expect(rig.generate(toNobody)).rejects.toEqual(failure('model_not_loaded'));
    await rig.engine.load('b');
    expect((await rig.generate(howAreYou)).model).toBe('b.rkllm');
    expect((await rig.generate({ ...asking(howAreYou), model: 'a' })).model).toBe('a.rkllm');
  });
});

describe('the line before the NPU', () => {
  it('is served in order, one at a time, across models', async () => {
    await using rig = await Rig.start({
      library,
      models: two,
      simulator: { RKLLM_SIM_DECODE_MS: '2' },
    });
    await rig.engine.load('a');
    await rig.engine.load('b');
    const questions = ['first', 'second', 'third', 'fourth'];
    const answers = questions.map((question, index) =>
      rig.ask({ ...asking(question), model: index % 2 ? 'b' : 'a' }),
    );
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(questions);
    expect(await rig.prompts()).toEqual(questions);
    const runs = await rig.calls('rkllm_run');
    for (const [index, run] of runs.entries()) {
      expect(run.started_ms).toBeGreaterThanOrEqual(runs[index - 1]?.ms ?? 0);
    }
  });

  it('is bounded: one more is refused, with a time to come again', async () => {
    await using rig = await Rig.start({ library, queueLimit: 1, simulator: slow });
    await rig.engine.load('model');
    const running = await begun(await rig.generate(forEver));
    const waiting = await rig.generate(howAreYou);
    expect(rig.engine.queued()).toHaveLength(1);
    await expect(rig.generate(howAreYou)).rejects.toEqual(
      expect.objectContaining({ code: 'queue_full', retryAfterSeconds: expect.any(Number) }),
    );
    for await (const _ of running) break;
    expect((await collect(waiting)).text).toBe('I am fine.');
  });

  it('is left by a client without harm to the others', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    await rig.engine.load('model');
    const running = await begun(await rig.generate(forEver));
    const leaving = new AbortController();
    const left = rig.ask('Never mind', leaving.signal);
    const waiting = rig.ask(howAreYou);
    leaving.abort(new Error('The client has left.'));
    await expect(left).rejects.toThrow('The client has left.');
    for await (const _ of running) break;
    expect((await waiting).text).toBe('I am fine.');
    expect(await rig.prompts()).toEqual([forEver, howAreYou]);
  });

  it('goes on when a client leaves before its answer was ever looked at', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    const leaving = new AbortController();
    const unread = await rig.generate('Never mind', leaving.signal);
    const waiting = rig.ask(howAreYou);
    leaving.abort(new Error('The client has left.'));
    expect((await waiting).text).toBe('I am fine.');
    await expect(collect(unread)).rejects.toThrow('The client has left.');
    expect(await rig.prompts()).toEqual([howAreYou]);
  });

  it('is not held up by a client that reads slowly', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    const events = await begun(await rig.generate(howAreYou));
    expect((await rig.ask('Next, please')).text).toBe('Next, please');
    expect((await collect({ model: '', unsupported: [], events })).finishReason).toBe('stop');
  });
});

describe('a client that leaves', () => {
  it('during prefill ends its own generation, and the next one is answered', async () => {
    await using rig = await Rig.start({
      library,
      simulator: { RKLLM_SIM_PREFILL_MS: '5', RKLLM_SIM_CALLS_BEGIN: '1' },
    });
    await rig.engine.load('model');
    const leaving = new AbortController();
    const left = rig.ask(forEver, leaving.signal);
    const waiting = rig.ask(howAreYou);
    await expect.poll(() => rig.calls('rkllm_run')).toHaveLength(1);
    leaving.abort();
    expect(await left).toMatchObject({ text: '', finishReason: 'abort' });
    expect((await waiting).text).toBe('I am fine.');
    expect(await rig.calls('rkllm_abort')).not.toHaveLength(0);
  });

  it('during decode ends its own generation, and the next one is answered', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    const { pid } = await rig.engine.load('model');
    const leaving = new AbortController();
    const running = await rig.generate(forEver, leaving.signal);
    const rest = collect({ ...running, events: await begun(running) });
    const waiting = rig.ask(howAreYou);
    leaving.abort();
    expect((await rest).finishReason).toBe('abort');
    expect((await waiting).text).toBe('I am fine.');
    expect(rig.engine.current()?.pid).toBe(pid);
  });

  it('while the model is started again for it starts no run', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_LOAD_MS: '100' } });
    const { pid } = await rig.engine.load('model');
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => rig.engine.current()?.state).toBe('crashed');
    const leaving = new AbortController();
    const left = rig.ask('Never mind', leaving.signal);
    left.catch(() => {});
    await expect.poll(() => rig.engine.current()?.state, { interval: 5 }).toBe('loading');
    leaving.abort(new Error('The client has left.'));
    await expect(left).rejects.toThrow('The client has left.');
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
    expect(await rig.prompts()).toEqual([howAreYou]);
  });

  it('while the template is switched off has nothing read for nobody', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    const { pid } = await rig.engine.load('model');
    const leaving = new AbortController();
    // A stopped worker keeps the engine where it is: behind its last look at the signal.
    process.kill(pid ?? 0, 'SIGSTOP');
    const call = vi.spyOn(ModelProcess.prototype, 'call');
    const question = { role: 'user' as const, content: forEver };
    const left = rig.ask({ messages: [...conversation.slice(0, 3), question] }, leaving.signal);
    left.catch(() => {});
    await expect.poll(() => call.mock.calls).toMatchObject([[{ method: 'setChatTemplate' }]]);
    call.mockRestore();
    leaving.abort(new Error('The client has left.'));
    process.kill(pid ?? 0, 'SIGCONT');
    await expect(left).rejects.toThrow('The client has left.');
    expect(await rig.calls('rkllm_run')).toEqual([]);
  });

  it('by leaving the loop ends its own generation, and the next one is answered', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    await rig.engine.load('model');
    for await (const _ of (await rig.generate(forEver)).events) break;
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
    expect(await rig.calls('rkllm_abort')).not.toEqual([]);
    expect(rig.log).toEqual([]);
  });
});

describe('a runtime that fails', () => {
  it('and crashes ends its own request with words; the next one gets a new process', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_FAULT: 'crash@3' } });
    const { pid } = await rig.engine.load('model');
    const crashed = rig.ask(forEver);
    const waiting = rig.ask({ ...asking(howAreYou), maxTokens: 2 });
    await expect(crashed).rejects.toEqual(failure('runtime_crashed', /SIGSEGV/));
    expect((await waiting).text).toBe('I am');
    expect(rig.engine.current()).toMatchObject({ state: 'ready', pid: expect.any(Number) });
    expect(rig.engine.current()?.pid).not.toBe(pid);
  });

  it('and is killed while idle is started again with the next request', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    process.kill(pid ?? 0, 'SIGKILL');
    await expect.poll(() => rig.engine.current()?.state).toBe('crashed');
    expect(rig.engine.current()?.pid).toBeNull();
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
    expect(isAlive(rig.engine.current()?.pid)).toBe(true);
    expect(rig.log).toContainEqual(expect.stringMatching(/SIGKILL/));
  });

  it('and is killed in the middle of an answer ends that one with words', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    const { pid } = await rig.engine.load('model');
    const running = await begun(await rig.generate(forEver));
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(collect({ model: '', unsupported: [], events: running })).rejects.toEqual(
      failure('runtime_crashed', /SIGKILL/),
    );
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
  });

  it('and reports an error ends its own request with its words', async () => {
    await using rig = await Rig.start({ library, simulator: { RKLLM_SIM_FAULT: 'error@3' } });
    const { pid } = await rig.engine.load('model');
    await expect(rig.ask(forEver)).rejects.toEqual(failure('runtime_failed', /failed to submit/));
    expect((await rig.ask({ ...asking(howAreYou), maxTokens: 2 })).text).toBe('I am');
    expect(rig.engine.current()?.pid).toBe(pid);
  });

  const impatient = { prefillMs: 3000, prefillMsPerCharacter: 0, decodeMs: 1000 };

  it.each(['hang@3', 'hang-prefill'])(
    'and falls silent (%s) is stopped, with words',
    async (fault) => {
      const simulator = { RKLLM_SIM_FAULT: fault };
      await using rig = await Rig.start({ library, simulator, silenceLimits: impatient });
      const { pid } = await rig.engine.load('model');
      await expect(rig.ask(forEver)).rejects.toEqual(
        failure('runtime_failed', /no token for \d+ s/),
      );
      await expect.poll(() => isAlive(pid)).toBe(false);
      if (fault === 'hang-prefill') return;
      expect((await rig.ask({ ...asking(howAreYou), maxTokens: 2 })).text).toBe('I am');
    },
  );

  it('and does not obey an abort is stopped, so that the next one is answered', async () => {
    const simulator = { RKLLM_SIM_FAULT: 'abort-ignored', RKLLM_SIM_DECODE_MS: '20' };
    const silenceLimits = { prefillMs: 3000, prefillMsPerCharacter: 0, decodeMs: 60_000 };
    await using rig = await Rig.start({ library, simulator, silenceLimits });
    const { pid } = await rig.engine.load('model');
    for await (const _ of (await rig.generate(forEver)).events) break;
    expect((await rig.ask({ ...asking(howAreYou), maxTokens: 2 })).text).toBe('I am');
    expect(isAlive(pid)).toBe(false);
  });

  it('is not what a client is that takes its time between tokens', async () => {
    await using rig = await Rig.start({ library, silenceLimits: impatient });
    await rig.engine.load('model');
    const events = await begun(await rig.generate(howAreYou));
    await sleep(2 * impatient.decodeMs);
    expect((await collect({ model: '', unsupported: [], events })).finishReason).toBe('stop');
    expect(rig.log).toEqual([]);
  });
});

describe('unloading', () => {
  it('during a generation ends it with what there is, and those that wait with words', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    await rig.engine.load('model');
    const running = await rig.generate(forEver);
    const rest = collect({ ...running, events: await begun(running) });
    const waiting = rig.ask(howAreYou);
    waiting.catch(() => {});
    expect(await rig.engine.unload()).toEqual(['model.rkllm']);
    expect((await rest).finishReason).toBe('abort');
    await expect(waiting).rejects.toEqual(failure('model_unloaded'));
    await rig.engine.load('model');
    expect((await rig.ask(howAreYou)).text).toBe('I am fine.');
  });

  it('ends what waits for that model at once, and nothing of another one', async () => {
    await using rig = await Rig.start({ library, models: two, simulator: slow });
    await rig.engine.load('a');
    await rig.engine.load('b');
    const running = await begun(await rig.generate({ ...asking(forEver), model: 'a' }));
    const forB = rig.ask({ ...asking('Never mind'), model: 'b' });
    forB.catch(() => {});
    const forA = rig.ask({ ...asking(howAreYou), model: 'a' });
    await rig.engine.unload('b');
    await expect(forB).rejects.toEqual(failure('model_unloaded'));
    expect(rig.engine.queued()).toHaveLength(1);
    for await (const _ of running) break;
    expect((await forA).text).toBe('I am fine.');
  });

  it('of the one model whose answer is read ends that, and the other one goes on', async () => {
    await using rig = await Rig.start({ library, models: two, simulator: slow });
    await rig.engine.load('a');
    await rig.engine.load('b');
    const running = await rig.generate({ ...asking(forEver), model: 'a' });
    const rest = collect({ ...running, events: await begun(running) });
    const forB = rig.ask({ ...asking(howAreYou), model: 'b' });
    await rig.engine.unload('a');
    expect((await rest).finishReason).toBe('abort');
    expect((await forB).text).toBe('I am fine.');
  });
});

describe('stopping', () => {
  it('ends what runs, gives everything back and refuses what comes', async () => {
    await using rig = await Rig.start({ library, simulator: slow });
    const { pid } = await rig.engine.load('model');
    const running = await rig.generate(forEver);
    const rest = collect({ ...running, events: await begun(running) });
    await rig.engine.stop();
    expect((await rest).finishReason).toBe('abort');
    expect(isAlive(pid)).toBe(false);
    await expect(rig.generate(howAreYou)).rejects.toEqual(failure('stopping'));
    await expect(rig.engine.load('model')).rejects.toEqual(failure('stopping'));
  });

  it('refuses a model whose runtime was still being looked for', async () => {
    const looking = Promise.withResolvers<RuntimeLibrary>();
    await using rig = await Rig.start({ library, runtime: () => looking.promise });
    const loading = rig.engine.load('model');
    loading.catch(() => {});
    await rig.engine.stop();
    looking.resolve(await findRuntime({ path: library }));
    await expect(loading).rejects.toEqual(failure('stopping'));
    expect(rig.engine.loaded()).toEqual([]);
  });
});
