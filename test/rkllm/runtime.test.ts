import { existsSync } from 'node:fs';
import koffi from 'koffi';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { callState } from '../../src/rkllm/abi.ts';
import type { InitParams } from '../../src/rkllm/index.ts';
import type { Address } from '../../src/rkllm/memory.ts';
import type { Counters, Matrix, ResultReader } from '../../src/rkllm/result.ts';
import type { RunInput } from '../../src/rkllm/run-memory.ts';
import { type Callbacks, RkllmRuntime } from '../../src/rkllm/runtime.ts';
import { divertOutput } from './native-output.ts';
import {
  groupVersions,
  initParams,
  isBefore,
  nativeCalls,
  SimulatedBoard,
} from './simulated-board.ts';

let board: SimulatedBoard;
let restoreOutput: () => void;

beforeAll(async () => {
  board = await SimulatedBoard.create(groupVersions);
  restoreOutput = divertOutput(board.fresh('output.log'));
}, 60_000);
afterAll(async () => {
  restoreOutput();
  await board.remove();
});
afterEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('RKLLM_SIM_')) delete process.env[name];
  }
});

const embeddingSize = 8;
const script: ModelFileSpec['script'] = [
  { when: 'CUSTOM>', tokens: ['templated'] },
  { when: 'lookup_weather', tokens: ['tool', ' seen'] },
  { when: 'endless', tokens: ['la '], finish: 'length-only' },
  { when: 'left', tokens: ['L1', 'L2', 'L3'] },
  { when: 'split', tokens: ['a', Uint8Array.of(0xe4, 0xbd), Uint8Array.of(0xa0), 'b'] },
  { when: '', tokens: ['one', ' two'] },
];

/** Writes down what the callbacks of a run carry, for the first input of a batch and the second. */
class Collector implements Callbacks {
  texts: (string | Uint8Array | null)[] = [];
  ids: number[] = [];
  secondTexts: (string | Uint8Array | null)[] = [];
  secondIds: number[] = [];
  states: number[] = [];
  matrices: Matrix[] = [];
  counters: Counters | null = null;
  /** What to answer to the n-th token; default is to go on. */
  verdict: (tokens: number) => 0 | 1 | 2 = () => 0;
  batchSize = 1;

  result(reader: ResultReader, result: Address | null, state: number): 0 | 1 | 2 {
    this.states.push(state);
    if (result === null) return 0;
    if (state === callState.finish) this.counters = reader.counters(result);
    const matrix = reader.hidden(result) ?? reader.logits(result);
    if (matrix) this.matrices.push(matrix);
    if (state !== callState.normal && state !== callState.waiting) return 0;
    this.texts.push(reader.text(result));
    this.ids.push(reader.tokenId(result));
    if (this.batchSize > 1) {
      this.secondTexts.push(reader.text(reader.at(result, 1)));
      this.secondIds.push(reader.tokenId(reader.at(result, 1)));
    }
    return this.verdict(this.ids.length);
  }

  get text(): string {
    return this.texts.filter((text) => typeof text === 'string').join('');
  }
}

const prompt = (text: string): [RunInput] => [{ type: 'prompt', text }];
/** Ids below 256 are bytes in the simulator's vocabulary. */
const tokens = (text: string): [RunInput] => [
  { type: 'tokens', ids: Int32Array.from(Buffer.from(text)) },
];

describe.each(groupVersions)('runtime %s', (version) => {
  const has = (since: Parameters<typeof isBefore>[1]) => !isBefore(version, since);

  /** A loaded model, what its callbacks carried and what the library was asked. */
  async function load(
    more: Partial<InitParams> = {},
    spec: ModelFileSpec = {},
    own: Omit<Callbacks, 'result'> = {},
  ) {
    const calls = board.fresh('calls.jsonl');
    process.env['RKLLM_SIM_CALLS'] = calls;
    const path = await board.model({ embeddingSize, script, ...spec });
    const runtime = new RkllmRuntime(board.library(version), version);
    onTestFinished(async () => {
      await runtime.destroy();
    });
    const heard = new Collector();
    heard.batchSize = more.batchSize ?? 1;
    const status = await runtime.init(initParams(path, more), {
      result: (reader, result, state) => heard.result(reader, result, state),
      ...own,
    });
    const received = async (name: string) =>
      (await nativeCalls(calls, name)).map((call) => call.args);
    return { runtime, heard, status, received, path };
  }

  it('tells its defaults', () => {
    process.env['RKLLM_SIM_CPUS'] = '8';
    const defaults = new RkllmRuntime(board.library(version), version).defaults();
    expect(defaults).toMatchObject({
      model_path: null,
      max_context_len: 512,
      max_new_tokens: -1,
      top_k: 40,
      top_p: expect.closeTo(0.9, 5),
      temperature: expect.closeTo(0.8, 5),
      repeat_penalty: expect.closeTo(1.1, 5),
      frequency_penalty: 0,
      presence_penalty: 0,
      mirostat: 0,
      mirostat_tau: 5,
      mirostat_eta: expect.closeTo(0.1, 5),
      skip_special_token: true,
      is_async: false,
      ...(has('1.2.0') && { n_keep: -1 }),
      ...(has('1.3.0') && { ignore_eos_token: false }),
      extend_param: {
        base_domain_id: 0,
        ...(has('1.2.0') && { embed_flash: 1, enabled_cpus_num: 4, enabled_cpus_mask: 0xf0 }),
        ...(has('1.2.1') && { n_batch: 1, use_cross_attn: 0 }),
      },
    });
  });

  it('receives every parameter of a load as it was set', async () => {
    const { status, received, path } = await load({
      maxContextLength: 768,
      maxNewTokens: 33,
      nKeep: 7,
      baseDomainId: 5,
      embedFlash: false,
      cpus: { count: 3, mask: 0b0111_0000 },
      crossAttention: true,
      skipSpecialTokens: false,
      ignoreEos: true,
      isAsync: true,
      ...(has('1.2.1') && { batchSize: 2 }),
      sampling: {
        topK: 11,
        topP: 0.25,
        temperature: 0.5,
        repeatPenalty: 1.5,
        frequencyPenalty: -0.75,
        presencePenalty: 1.25,
        mirostat: 2,
        mirostatTau: 4.5,
        mirostatEta: 0.125,
      },
    });
    expect(status).toBe(0);
    expect(await received('rkllm_init')).toMatchObject([
      {
        param: {
          model_path: path,
          max_context_len: 768,
          max_new_tokens: 33,
          top_k: 11,
          top_p: 0.25,
          temperature: 0.5,
          repeat_penalty: 1.5,
          frequency_penalty: -0.75,
          presence_penalty: 1.25,
          mirostat: 2,
          mirostat_tau: 4.5,
          mirostat_eta: 0.125,
          skip_special_token: 0,
          is_async: 1,
          ...(has('1.2.0') && { n_keep: 7 }),
          ...(has('1.3.0')
            ? { ignore_eos_token: 1 }
            : { img_start: '', img_end: '', img_content: '' }),
          extend_param: {
            base_domain_id: 5,
            reserved_not_zero: 0,
            ...(has('1.2.0') && {
              embed_flash: 0,
              enabled_cpus_num: 3,
              enabled_cpus_mask: 0b0111_0000,
            }),
            ...(has('1.2.1') && { n_batch: 2, use_cross_attn: 1 }),
          },
        },
      },
    ]);
  });

  it("keeps the library's own sampling where none was set", async () => {
    const { received } = await load();
    expect(await received('rkllm_init')).toMatchObject([
      { param: { top_k: 40, top_p: expect.closeTo(0.9, 5), temperature: expect.closeTo(0.8, 5) } },
    ]);
  });

  it('says no to a model that is not there, and can be let go', async () => {
    const runtime = new RkllmRuntime(board.library(version), version);
    const status = await runtime.init(initParams(board.fresh('gone.rkllm')), new Collector());
    expect(status).toBe(-1);
    expect(await runtime.run(prompt('hi'), {})).toBe(-1);
    expect(await runtime.destroy()).toBe(0);
  });

  it('answers a prompt, token by token, and then says that it is finished', async () => {
    const { runtime, heard, received } = await load();
    expect(await runtime.run(prompt('Grüße'), {})).toBe(0);
    expect(heard.texts).toEqual(['one', ' two']);
    expect(heard.ids.every((id) => id > 0)).toBe(true);
    expect(heard.states).toEqual([0, 0, 2]);
    if (has('1.2.1')) expect(heard.counters).toMatchObject({ decodeTokens: 2 });
    else expect(heard.counters).toBeNull();
    expect(await received('rkllm_run')).toMatchObject([
      {
        infer: {
          mode: 0,
          lora_adapter_name: null,
          save_prompt_cache: 0,
          ...(has('1.2.0') && { keep_history: 0 }),
          ...(has('1.3.0') && { max_new_tokens: 0, sampling_params: null }),
        },
        input: {
          input_type: 0,
          prompt_input: 'Grüße',
          ...(has('1.2.1') && { role: 'user', enable_thinking: 0 }),
        },
      },
    ]);
  });

  it('is told who speaks, whether to think and whether to go on with the conversation', async () => {
    const { runtime, received } = await load();
    const input: RunInput = { type: 'prompt', text: 'hi', role: 'tool', thinking: true };
    expect(await runtime.run([input], { keepHistory: true })).toBe(0);
    expect(await received('rkllm_run')).toMatchObject([
      {
        ...(has('1.2.0') && { infer: { keep_history: 1 } }),
        ...(has('1.2.1') && { input: { role: 'tool', enable_thinking: 1 } }),
      },
    ]);
  });

  it('answers token ids', async () => {
    const { runtime, heard, received } = await load();
    expect(await runtime.run(tokens('left'), {})).toBe(0);
    expect(heard.text).toBe('L1L2L3');
    expect(await received('rkllm_run')).toMatchObject([
      { input: { input_type: 1, n_tokens: 4, input_ids: [108, 101, 102, 116] } },
    ]);
  });

  it('answers embedding rows', async () => {
    const { runtime, heard, received } = await load();
    const values = Float32Array.from({ length: 3 * embeddingSize }, (_, index) => index / 10);
    expect(await runtime.run([{ type: 'embedding', values, tokens: 3 }], {})).toBe(0);
    expect(heard.text).toBe('one two');
    expect(await received('rkllm_run')).toMatchObject([
      { input: { input_type: 2, n_tokens: 3, embed: true } },
    ]);
  });

  it('answers an image', async () => {
    const { runtime, heard, received } = await load();
    const image = {
      embedding: new Float32Array(2 * embeddingSize).fill(0.5),
      tokensPerImage: 2,
      count: 1,
      width: 448,
      height: 336,
      start: '<s>',
      end: '<e>',
    };
    const text = 'What is <image>?';
    expect(await runtime.run([{ type: 'multimodal', text, image }], {})).toBe(0);
    expect(heard.text).toBe('one two');
    const sizes = { n_image: 1, image_width: 448, image_height: 336 };
    expect(await received('rkllm_run')).toMatchObject([
      {
        input: {
          input_type: 3,
          prompt: text,
          ...(has('1.3.0')
            ? {
                image: {
                  image_embed: true,
                  n_image_tokens: 2,
                  image_start: '<s>',
                  image_end: '<e>',
                  image_content: null,
                  ...sizes,
                },
              }
            : { image_embed: true, n_image_tokens: 2, ...(has('1.2.1b1') && sizes) }),
        },
      },
    ]);
  });

  it('answers videos and audio, or says which version it takes', async () => {
    const { runtime, received } = await load();
    const embedding = new Float32Array(4 * embeddingSize);
    const video: RunInput = {
      type: 'multimodal',
      text: '<video>',
      video: {
        embedding,
        tokensPerFrame: 2,
        framesPerVideo: 2,
        count: 1,
        frameWidth: 10,
        frameHeight: 20,
      },
    };
    const audio: RunInput = {
      type: 'multimodal',
      text: '<audio>',
      audio: { embedding, tokensPerAudio: 4, count: 1 },
    };
    if (has('1.3.0')) expect(await runtime.run([video], {})).toBe(0);
    else await expect(runtime.run([video], {})).rejects.toThrow(/1\.3\.0/);
    if (has('1.3.1')) expect(await runtime.run([audio], {})).toBe(0);
    else await expect(runtime.run([audio], {})).rejects.toThrow(/1\.3\.1/);
    if (!has('1.3.0')) return;
    expect(await received('rkllm_run')).toMatchObject([
      { input: { video: { n_frame_tokens: 2, n_frame_per_video: 2, n_video: 1 } } },
      ...(has('1.3.1') ? [{ input: { audio: { n_audio_tokens: 4, n_audio: 1 } } }] : []),
    ]);
  });

  it('gives the last hidden layer, a row for each token', async () => {
    const { runtime, heard } = await load();
    expect(await runtime.run(tokens('abc'), { mode: 'hidden' })).toBe(0);
    expect(heard.matrices).toHaveLength(1);
    expect(heard.matrices[0]).toMatchObject({ rows: 3, columns: embeddingSize });
    expect(heard.matrices[0]?.values).toHaveLength(3 * embeddingSize);
    expect(heard.matrices[0]?.values.some((value) => value !== 0)).toBe(true);
    expect(heard.states.at(-1)).toBe(callState.finish);
  });

  it('gives logits, or says which version does', async () => {
    const { runtime, heard } = await load();
    const run = runtime.run(tokens('abc'), { mode: 'logits' });
    if (!has('1.2.0')) return expect(run).rejects.toThrow(/1\.2\.0/);
    expect(await run).toBe(0);
    expect(heard.matrices).toHaveLength(1);
    expect(heard.matrices[0]).toMatchObject({ rows: 3 });
    expect(heard.matrices[0]?.columns).toBeGreaterThan(256);
  });

  it('runs in the background, one run at a time, and keeps what it reads until it is let go', async () => {
    process.env['RKLLM_SIM_DECODE_MS'] = '2';
    const { runtime, heard } = await load({ isAsync: true });
    const cache = board.fresh('cache.bin');
    const first = runtime.runAsync(prompt('left'), { savePromptCache: cache });
    expect(await runtime.runAsync(prompt('hi'), {})).toBe(-1);
    expect(await first).toBe(0);
    expect(heard.text).toBe('L1L2L3');
    expect(heard.states.at(-1)).toBe(callState.finish);
    expect(await runtime.destroy()).toBe(0);
    expect(existsSync(cache)).toBe(true);
  });

  it('says at once that a run in the background was refused', async () => {
    const runtime = new RkllmRuntime(board.library(version), version);
    expect(await runtime.runAsync(prompt('hi'), {})).toBe(-1);
    expect(await runtime.runAsync(prompt('hi'), {})).toBe(-1);
    await runtime.destroy();
  });

  it('calls back from a thread of its own just as well', async () => {
    process.env['RKLLM_SIM_CALLBACK_THREAD'] = 'own';
    const { runtime, heard } = await load();
    expect(await runtime.run(prompt('left'), {})).toBe(0);
    expect(heard.texts).toEqual(['L1', 'L2', 'L3']);
  });

  it('stops soon after an abort, says so, and can run again', async () => {
    process.env['RKLLM_SIM_DECODE_MS'] = '1';
    const { runtime, heard, received } = await load();
    heard.verdict = (count) => {
      if (count === 5) void runtime.abort();
      return 0;
    };
    expect(await runtime.run(prompt('endless'), {})).toBe(0);
    expect(heard.states.at(-1)).toBe(callState.finish);
    expect(heard.ids.length).toBeGreaterThanOrEqual(5);
    expect(await received('rkllm_abort')).toHaveLength(1);
    heard.verdict = () => 0;
    heard.texts = [];
    expect(await runtime.run(prompt('left'), {})).toBe(0);
    expect(heard.text).toBe('L1L2L3');
  });

  it('tells whether it runs, in the way of its version', async () => {
    const { runtime, heard } = await load();
    const seen: number[] = [];
    heard.verdict = () => {
      seen.push(runtime.isRunning());
      return 0;
    };
    await runtime.run(prompt('hi'), {});
    const [running, idle] = has('1.3.0') ? [1, 0] : [0, 1];
    expect(seen).toEqual([running, running]);
    expect(runtime.isRunning()).toBe(idle);
  });

  it('is gone after destroy', async () => {
    const { runtime, received } = await load();
    expect(await runtime.destroy()).toBe(0);
    expect(await runtime.destroy()).toBe(0);
    expect(await received('rkllm_destroy')).toHaveLength(1);
    expect(await runtime.run(prompt('hi'), {})).toBe(-1);
  });

  it('loads LoRA adapters and uses the one that a run names', async () => {
    const { runtime, received } = await load();
    const path = await board.model({ kind: 'lora' });
    expect(await runtime.loadLora({ path, name: 'style', scale: 0.5 })).toBe(0);
    expect(await runtime.loadLora({ path: '/gone', name: 'other', scale: 1 })).toBe(-1);
    expect(await received('rkllm_load_lora')).toMatchObject([
      { lora_adapter_path: path, lora_adapter_name: 'style', scale: 0.5 },
      { lora_adapter_path: '/gone', lora_adapter_name: 'other', scale: 1 },
    ]);
    expect(await runtime.run(prompt('hi'), { lora: 'style' })).toBe(0);
    expect(await runtime.run(prompt('hi'), { lora: 'other' })).toBe(-1);
    expect(await received('rkllm_run')).toMatchObject([
      { infer: { lora_adapter_name: 'style' } },
      { infer: { lora_adapter_name: 'other' } },
    ]);
  });

  it('saves, loads and releases prompt caches', async () => {
    const { runtime, received } = await load();
    const cache = board.fresh('cache.bin');
    expect(await runtime.run(prompt('hi'), { savePromptCache: cache })).toBe(0);
    expect(existsSync(cache)).toBe(true);
    expect(await received('rkllm_run')).toMatchObject([
      { infer: { save_prompt_cache: 1, prompt_cache_path: cache } },
    ]);
    expect(await runtime.loadPromptCache(cache)).toBe(0);
    expect(await runtime.releasePromptCache()).toBe(0);
    expect(await runtime.loadPromptCache('/gone')).toBe(-1);
    expect(await received('rkllm_load_prompt_cache')).toEqual([
      { prompt_cache_path: cache },
      { prompt_cache_path: '/gone' },
    ]);
    expect(await received('rkllm_release_prompt_cache')).toHaveLength(1);
  });

  it('clears its KV cache', async () => {
    const { runtime, received } = await load();
    if (!has('1.2.0')) return expect(runtime.clearKvCache()).rejects.toThrow(/does not exist/);
    await runtime.run(prompt('hi'), {});
    expect(await runtime.clearKvCache({ keepSystemPrompt: true })).toBe(0);
    if (has('1.2.1')) expect((await runtime.kvCacheSizes())[0]).toBeGreaterThan(0);
    expect(await runtime.clearKvCache()).toBe(0);
    if (has('1.2.1')) expect(await runtime.kvCacheSizes()).toEqual([0]);
    const whole = has('1.2.1') ? { start_pos: null, end_pos: null } : {};
    expect(await received('rkllm_clear_kv_cache')).toEqual([
      { keep_system_prompt: 1, ...whole },
      { keep_system_prompt: 0, ...whole },
    ]);
  });

  it('clears a range of the KV cache of a run that was paused', async () => {
    const { runtime, heard, received } = await load();
    if (!has('1.2.1')) return expect(runtime.clearKvCache({ ranges: [[0, 2]] })).rejects.toThrow();
    heard.verdict = (count) => (count === 2 ? 1 : 0);
    expect(await runtime.run(prompt('left'), {})).toBe(0);
    expect(heard.states).toEqual([callState.normal, callState.normal]);
    const [before = 0] = await runtime.kvCacheSizes();
    expect(await runtime.clearKvCache({ ranges: [[1, 3]] })).toBe(0);
    expect(await runtime.kvCacheSizes()).toEqual([before - 2]);
    expect(await received('rkllm_clear_kv_cache')).toEqual([
      { keep_system_prompt: 0, start_pos: [1], end_pos: [3] },
    ]);
    await expect(
      runtime.clearKvCache({
        ranges: [
          [0, 1],
          [0, 1],
        ],
      }),
    ).rejects.toThrow(/1 inputs, got 2/);
  });

  it('tells how full its KV cache is', async () => {
    const { runtime } = await load();
    if (!has('1.2.1')) return expect(runtime.kvCacheSizes()).rejects.toThrow(/does not exist/);
    expect(await runtime.kvCacheSizes()).toEqual([0]);
    await runtime.run(tokens('abc'), {});
    expect(await runtime.kvCacheSizes()).toEqual([5]);
  });

  it('takes a chat template', async () => {
    const { runtime, heard, received } = await load();
    const template = { system: 'S', prefix: 'CUSTOM>', postfix: '<P' };
    const set = runtime.setChatTemplate(template);
    if (!has('1.2.0')) return expect(set).rejects.toThrow(/does not exist/);
    expect(await set).toBe(0);
    await runtime.run(prompt('hi'), {});
    expect(heard.text).toBe('templated');
    expect(await received('rkllm_set_chat_template')).toEqual([
      { system_prompt: 'S', prompt_prefix: 'CUSTOM>', prompt_postfix: '<P' },
    ]);
  });

  it('takes tools', async () => {
    const { runtime, heard, received } = await load();
    const tools = { system: 'S', tools: '[{"name":"lookup_weather"}]', responseTag: 'r' };
    const set = runtime.setFunctionTools(tools);
    if (!has('1.2.1')) return expect(set).rejects.toThrow(/does not exist/);
    expect(await set).toBe(0);
    await runtime.run(prompt('hi'), {});
    expect(heard.text).toBe('tool seen');
    expect(await received('rkllm_set_function_tools')).toEqual([
      { system_prompt: 'S', tools: tools.tools, tool_response_str: 'r' },
    ]);
  });

  it('takes the cross attention of an encoder', async () => {
    const { runtime, received } = await load({ crossAttention: true });
    const set = runtime.setCrossAttention({
      keys: new Float32Array(8),
      values: new Float32Array(8),
      mask: new Float32Array(4),
      positions: new Int32Array(4),
      tokens: 4,
    });
    if (!has('1.2.1')) return expect(set).rejects.toThrow(/does not exist/);
    expect(await set).toBe(0);
    expect(await received('rkllm_set_cross_attn_params')).toEqual([{ num_tokens: 4 }]);
  });

  it('asks the caller for tokens and embeddings that the file does not have', async () => {
    const asked: { text?: string; tokens?: number; bytes?: number } = {};
    const { runtime, heard } = await load(
      {},
      { hasTokenizer: false, hasEmbedding: false },
      {
        tokenizer: (_userdata, text, length, out) => {
          const bytes = Buffer.from(koffi.view(text, length).slice(0));
          asked.text = bytes.toString();
          new Int32Array(koffi.view(out, length * 4)).set(bytes);
          return length;
        },
        embed: (_userdata, _tokens, count, out, bytes) => {
          asked.tokens = count;
          asked.bytes = bytes;
          new Float32Array(koffi.view(out, bytes)).fill(0.5);
          return 0;
        },
      },
    );
    const status = await runtime.run(prompt('Grüße'), {});
    if (!has('1.3.0')) return expect(status).toBe(-1);
    expect(status).toBe(0);
    expect(asked.text).toContain('Grüße');
    const count = Buffer.byteLength(asked.text ?? '');
    expect(asked).toMatchObject({ tokens: count, bytes: count * embeddingSize * 4 });
    expect(heard.texts).toEqual([null, null]);
    expect(heard.ids).toHaveLength(2);
  });

  it.runIf(has('1.3.0'))('fails a run whose tokenizer or embedding fails', async () => {
    const bare: ModelFileSpec = { hasTokenizer: false, hasEmbedding: false };
    const untokenized = await load({}, bare, { tokenizer: () => -1, embed: () => 0 });
    expect(await untokenized.runtime.run(prompt('hi'), {})).toBe(-1);
    const unembedded = await load({}, bare, { tokenizer: () => 1, embed: () => -1 });
    expect(await unembedded.runtime.run(prompt('hi'), {})).toBe(-1);
    expect(unembedded.heard.states).toEqual([callState.error]);
  });

  it.runIf(has('1.3.0'))('takes sampling and a token limit for each run', async () => {
    const { runtime, heard, received } = await load();
    const sampling = {
      topK: 3,
      topP: 0.75,
      temperature: 0.25,
      repeatPenalty: 1.25,
      frequencyPenalty: 0.5,
      presencePenalty: -0.5,
      mirostat: 1,
      mirostatTau: 3.5,
      mirostatEta: 0.25,
    };
    expect(await runtime.run(prompt('endless'), { sampling, maxNewTokens: 3 })).toBe(0);
    expect(heard.ids).toHaveLength(3);
    expect(await received('rkllm_run')).toMatchObject([
      {
        infer: {
          max_new_tokens: 3,
          sampling_params: {
            top_k: 3,
            top_p: 0.75,
            temperature: 0.25,
            repeat_penalty: 1.25,
            frequency_penalty: 0.5,
            presence_penalty: -0.5,
            mirostat: 1,
            mirostat_tau: 3.5,
            mirostat_eta: 0.25,
          },
        },
      },
    ]);
  });

  it.runIf(has('1.2.1'))('answers several inputs in step', async () => {
    const { runtime, heard, received } = await load({ batchSize: 2 });
    const inputs: RunInput[] = [...prompt('left'), ...prompt('right')];
    expect(await runtime.run(inputs, {})).toBe(0);
    expect(heard.texts).toEqual(['L1', 'L2', 'L3']);
    expect(heard.secondTexts.slice(0, 2)).toEqual(['one', ' two']);
    expect(heard.secondIds.map((id) => id >= 0)).toEqual([true, true, false]);
    expect(await received('rkllm_run')).toMatchObject([
      { input: [{ prompt_input: 'left' }, { prompt_input: 'right' }] },
    ]);
    expect(await runtime.kvCacheSizes()).toHaveLength(2);
    await expect(runtime.run(prompt('left'), {})).rejects.toThrow(/2 inputs, got 1/);
  });

  it.each(['null', 'partial'])('splits characters as the library does (%s)', async (waiting) => {
    process.env['RKLLM_SIM_WAITING_TEXT'] = waiting;
    const { runtime, heard } = await load();
    await runtime.run(prompt('split'), {});
    expect(heard.states).toEqual([0, 1, 0, 0, 2]);
    const half = waiting === 'null' ? null : Uint8Array.of(0xe4, 0xbd);
    expect(heard.texts).toEqual(['a', half, '你', 'b']);
  });

  it.each<[string, (runtime: RkllmRuntime) => Promise<unknown>]>([
    ['a prompt', (runtime) => runtime.run(prompt('a\0b'), {})],
    ['a prompt in the background', (runtime) => runtime.runAsync(prompt('a\0b'), {})],
    ['the path of a cache', (runtime) => runtime.loadPromptCache('a\0b')],
    ['an adapter', (runtime) => runtime.loadLora({ path: 'a\0b', name: 'n', scale: 1 })],
    [
      'a template',
      (runtime) => runtime.setChatTemplate({ system: '', prefix: 'a\0b', postfix: '' }),
    ],
  ])('is never given %s with a NUL, which it would cut there', async (what, call) => {
    const { runtime, heard } = await load();
    const isMissing = what === 'a template' && !has('1.2.0');
    await expect(Promise.try(() => call(runtime))).rejects.toThrow(isMissing ? /exist/ : /NUL/);
    expect(await runtime.run(prompt('hi'), {})).toBe(0);
    expect(heard.text).toBe('one two');
  });
});
