import { describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';
import type { EmbeddingRequest, RerankRequest } from '../../src/engine/index.ts';
import { simulator } from '../e2e/board.ts';
import { Rig } from './rig.ts';

const [library, library123] = await Promise.all([simulator('1.3.1'), simulator('1.2.3')]);

const never = new AbortController().signal;
const words =
  'The cat sat on the mat. The lamp in the kitchen is on. What is the capital of France?';
const spec: ModelFileSpec = { text: words, vocabSize: 500, script: [] };
const withTokenizer = {
  models: { 'm/m.rkllm': spec },
  modelfiles: {
    'm/tokenizer.json': tokenizerJson(spec),
    'm/tokenizer_config.json': tokenizerConfigJson(spec),
  },
};
const bare = { models: { 'm/m.rkllm': spec } };
const kinds = [
  ['1.3.1', 'token ids', withTokenizer],
  ['1.3.1', 'text', bare],
  ['1.2.3', 'token ids', withTokenizer],
  ['1.2.3', 'text', bare],
] as const;
const libraryOf = (abi: string) => (abi === '1.3.1' ? library : library123);

const embed = (rig: Rig, inputs: string[], more: Partial<EmbeddingRequest> = {}, signal = never) =>
  rig.engine.embed({ model: 'm', inputs, ...more }, signal);
const none: Float32Array = new Float32Array();
const cosine = (a = none, b = none) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
const lengthOf = (vector?: Float32Array) => Math.sqrt(cosine(vector, vector));
const failure = (code: string, message = /\w+ \w+/) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe.concurrent('vectors', () => {
  it.each(kinds)(
    'come in order, of length 1, alike for alike texts (%s, %s)',
    async (abi, _, files) => {
      await using rig = await Rig.start({ library: libraryOf(abi), ...files });
      const [cat, lamp] = ['The cat sat on the mat.', 'The lamp in the kitchen is on.'];
      const alike = 'The cat sat on a mat.';
      const { vectors, model, timings } = await embed(rig, [cat, lamp, cat, alike, lamp]);
      expect(model).toBe('m');
      expect(vectors.map((vector) => vector.length)).toEqual(Array(5).fill(256));
      for (const vector of vectors) expect(lengthOf(vector)).toBeCloseTo(1, 5);
      expect(vectors[2]).toEqual(vectors[0]);
      expect(vectors[4]).toEqual(vectors[1]);
      expect(cosine(vectors[0], vectors[3])).toBeGreaterThan(cosine(vectors[0], vectors[1]) + 0.1);
      expect(timings.totalMs).toBeGreaterThanOrEqual(timings.loadMs);
      // The same later, after whatever the model did in between.
      await rig.ask({ model: 'm', messages: [{ role: 'user', content: cat }], maxTokens: 3 });
      expect((await embed(rig, [cat])).vectors[0]).toEqual(vectors[0]);
    },
  );

  it('are the same whether the text goes in as text or as token ids', async () => {
    await using text = await Rig.start({ library, ...bare });
    await using ids = await Rig.start({ library, ...withTokenizer });
    const [a, b] = [await embed(text, [words]), await embed(ids, [words])];
    expect(cosine(a.vectors[0], b.vectors[0])).toBeCloseTo(1, 4);
    const inputs = async (rig: Rig) =>
      (await rig.calls('rkllm_run')).map(({ args }) => Object(args['input']).input_type);
    expect(await inputs(text)).not.toEqual(await inputs(ids));
  });

  it('are read with an empty cache, and leave one behind', async () => {
    await using rig = await Rig.start({ library, ...withTokenizer });
    await embed(rig, ['one', 'one']);
    const calls = [
      ...(await rig.calls('rkllm_clear_kv_cache')),
      ...(await rig.calls('rkllm_run')),
    ].sort((a, b) => a.ms - b.ms);
    const run = ['rkllm_clear_kv_cache', 'rkllm_run', 'rkllm_clear_kv_cache'];
    expect(calls.map((call) => call.function)).toEqual([...run, ...run]);
  });

  it('can be cut, and are of length 1 again', async () => {
    await using rig = await Rig.start({ library, ...withTokenizer });
    const [whole] = (await embed(rig, ['a cat'])).vectors;
    const [cut] = (await embed(rig, ['a cat'], { dimensions: 64 })).vectors;
    expect(cut).toHaveLength(64);
    expect(lengthOf(cut)).toBeCloseTo(1, 5);
    expect(cosine(cut, whole?.slice(0, 64)) / lengthOf(whole?.slice(0, 64))).toBeCloseTo(1, 5);
    await expect(embed(rig, ['a cat'], { dimensions: 257 })).rejects.toEqual(
      failure('invalid_request', /256 dimensions, 257 were asked for/),
    );
    expect((await embed(rig, ['a cat'])).vectors).toEqual([whole]);
  });

  it.each(kinds)(
    'of a text that is too long are of its beginning, or refused (%s, %s)',
    async (abi, _, files) => {
      await using rig = await Rig.start({ library: libraryOf(abi), ...files, contextLength: 96 });
      const long = 'The cat sat on the mat. '.repeat(40);
      const { vectors, promptTokens } = await embed(rig, [long, 'cat']);
      expect(lengthOf(vectors[0])).toBeCloseTo(1, 5);
      expect(promptTokens).toBeLessThan(2 * 96);
      await expect(embed(rig, ['cat', long.repeat(3)], { overflow: 'error' })).rejects.toEqual(
        failure('context_length_exceeded', /Text 2 has .*\d+ tokens, the model's context is 96/),
      );
      expect((await embed(rig, ['cat'])).vectors[0]).toEqual(vectors[1]);
    },
  );

  it('of nothing are none, and an empty text is refused', async () => {
    await using rig = await Rig.start({ library, ...withTokenizer });
    expect(await embed(rig, [])).toMatchObject({ vectors: [], promptTokens: 0 });
    await expect(embed(rig, ['a', '', 'b'])).rejects.toEqual(
      failure('invalid_request', /Text 2 is empty/),
    );
    expect((await embed(rig, ['a'])).vectors).toHaveLength(1);
  });

  it('count tokens exactly with a tokenizer', async () => {
    await using rig = await Rig.start({ library, ...withTokenizer });
    const { promptTokens } = await embed(rig, ['The cat', 'sat']);
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => Object(args['input']));
    expect(promptTokens).toBe(runs.reduce((sum, input) => sum + input.n_tokens, 0));
  });
});

describe('vectors in the making', () => {
  it('stop in the middle when the client leaves, and the next one is served', async () => {
    await using rig = await Rig.start({
      library,
      ...withTokenizer,
      simulator: { RKLLM_SIM_RUN_MS: '50' },
    });
    const leaving = new AbortController();
    const many = embed(rig, Array(20).fill('cat'), {}, leaving.signal);
    many.catch(() => {});
    const next = embed(rig, ['cat']);
    await expect.poll(() => rig.calls('rkllm_run')).toHaveLength(2);
    leaving.abort(new Error('The client has left.'));
    await expect(many).rejects.toThrow('The client has left.');
    expect((await next).vectors).toHaveLength(1);
    expect((await rig.calls('rkllm_run')).length).toBeLessThan(6);
  });

  it('end with words when the model is unloaded or dies', async () => {
    const simulator = { RKLLM_SIM_RUN_MS: '50' };
    await using rig = await Rig.start({ library, ...withTokenizer, simulator });
    const { pid } = await rig.engine.load('m');
    const first = embed(rig, Array(20).fill('cat'));
    first.catch(() => {});
    await expect.poll(() => rig.calls('rkllm_run')).not.toEqual([]);
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(first).rejects.toEqual(failure('runtime_crashed'));
    const second = embed(rig, Array(20).fill('cat'));
    second.catch(() => {});
    await expect.poll(() => rig.engine.current()?.state).toBe('busy');
    await rig.engine.unload();
    await expect(second).rejects.toEqual(failure('model_unloaded'));
    expect((await embed(rig, ['cat'])).vectors).toHaveLength(1);
  });
});

describe.concurrent('rerank', () => {
  const request: RerankRequest = {
    model: 'm',
    query: 'capital of France',
    documents: ['The cat sat on the mat.', 'Paris is the capital of France.', 'The lamp is on.'],
  };

  it.each(['1.3.1', '1.2.3'])('puts the relevant document first (%s)', async (abi) => {
    await using rig = await Rig.start({ library: libraryOf(abi), ...withTokenizer });
    const { results, model, promptTokens } = await rig.engine.rerank(request, never);
    expect(model).toBe('m');
    expect(results[0]?.index).toBe(1);
    expect(results[0]?.score).toBeGreaterThan(0.5);
    expect(results.map(({ index }) => index).toSorted()).toEqual([0, 1, 2]);
    for (const { score } of results) expect(score).toBeGreaterThanOrEqual(0);
    for (const { score } of results) expect(score).toBeLessThanOrEqual(1);
    expect(results).toEqual(results.toSorted((a, b) => b.score - a.score));
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => Object(args['input']));
    expect(promptTokens).toBe(runs.reduce((sum, input) => sum + input.n_tokens, 0));
    expect(await rig.engine.rerank(request, never)).toEqual({ results, model, promptTokens });
    expect(await rig.engine.rerank({ ...request, documents: [] }, never)).toMatchObject({
      results: [],
    });
  });

  it('says what is missing: a tokenizer, or a newer runtime', async () => {
    await using rig = await Rig.start({ library, ...bare });
    await expect(rig.engine.rerank(request, never)).rejects.toEqual(
      failure('unsupported', /tokenizer\.json/),
    );
    const old = await simulator('1.1.4');
    await using before = await Rig.start({ library: old, ...withTokenizer });
    await expect(before.engine.rerank(request, never)).rejects.toEqual(
      failure('unsupported', /1\.2\.0 or later/),
    );
    expect(await before.calls('rkllm_init')).toEqual([]);
  });

  it('of a document that is too long is refused with the numbers', async () => {
    await using rig = await Rig.start({ library, ...withTokenizer });
    const documents = ['short', 'The cat sat on the mat. '.repeat(300)];
    await expect(rig.engine.rerank({ ...request, documents }, never)).rejects.toEqual(
      failure('context_length_exceeded', /Text 2 has \d+ tokens/),
    );
  });
});
