/**
 * One model in one librkllmrt, in this process: init, run, destroy and all between. The differences
 * between versions end here; what a version cannot do is in `capabilities`.
 */
import koffi from 'koffi';
import { callState } from './abi.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { type InitParams, initParamValues } from './init-param.ts';
import { type Address, NativeMemory, nullAddress, type StructValues } from './memory.ts';
import {
  type EmbedCallback,
  NativeLibrary,
  type ResultCallback,
  registerEmbedCallback,
  registerResultCallback,
  registerTokenizerCallback,
  type TokenizerCallback,
} from './native.ts';
import { ResultReader } from './result.ts';
import { type RunInput, RunMemory, type RunOptions } from './run-memory.ts';
import { abiGroupOf, isAtLeast, type RuntimeVersion } from './versions.ts';

export interface Callbacks {
  /** Returns 0 to go on, 1 to pause (1.2.1), 2 to free the output buffer (1.3.0). */
  result(reader: ResultReader, result: Address | null, state: number): 0 | 1 | 2;
  tokenizer?: TokenizerCallback;
  embed?: EmbedCallback;
}

export interface CrossAttention {
  keys: Float32Array;
  values: Float32Array;
  mask: Float32Array;
  positions: Int32Array;
  tokens: number;
}

export class RkllmRuntime {
  readonly version: RuntimeVersion;
  readonly capabilities: Capabilities;
  readonly #library: NativeLibrary;
  readonly #reader: ResultReader;
  /** What the library may read for as long as the handle lives. */
  readonly #memory: NativeMemory;
  readonly #callbacks: Address[] = [];
  #crossAttention: NativeMemory | undefined;
  #handle: Address = nullAddress;
  #batchSize = 1;
  #asyncRun: { finished: () => void } | undefined;
  /** Of the last asynchronous run: the library saves a prompt cache after FINISH. */
  #asyncMemory: RunMemory | undefined;

  /** Opens the library file; throws when the loader refuses it. */
  constructor(path: string, version: RuntimeVersion) {
    const group = abiGroupOf(version);
    this.version = version;
    this.capabilities = capabilitiesOf(version);
    this.#library = new NativeLibrary(path, group);
    this.#reader = new ResultReader(group);
    this.#memory = new NativeMemory(group);
  }

  /** `rkllm_init`. Resolves with its return code: 0 is success. */
  async init(params: InitParams, callbacks: Callbacks): Promise<number> {
    const param = this.#memory.struct(
      'Param',
      initParamValues(this.#library.group, this.#memory, params, this.defaults()),
    );
    this.#batchSize = params.batchSize ?? 1;
    const result = this.#registerResult(callbacks);
    const callback = isAtLeast(this.#library.group, 'D')
      ? this.#memory.struct('Callback', {
          result_callback: result,
          ...this.#modelCallbacks(callbacks),
        })
      : result;
    const out: [Address | null] = [null];
    const status = await this.#library.callAsync('rkllm_init', out, param, callback);
    this.#handle = out[0] ?? nullAddress;
    return status;
  }

  /** `rkllm_run`: resolves with its return code when the run is over. */
  async run(inputs: readonly RunInput[], options: RunOptions): Promise<number> {
    const memory = this.#runMemory(inputs, options);
    try {
      return await this.#library.callAsync(
        'rkllm_run',
        this.#handle,
        memory.input,
        memory.inferParam,
        nullAddress,
      );
    } finally {
      memory.free();
    }
  }

  /**
   * `rkllm_run_async`: resolves at FINISH or ERROR, or at once when the call is refused. Known not
   * to call back before 1.2.2 (rknn-llm issues 208, 320); `run` serves every version.
   */
  async runAsync(inputs: readonly RunInput[], options: RunOptions): Promise<number> {
    if (this.#asyncRun) return -1;
    const memory = this.#runMemory(inputs, options);
    this.#asyncMemory?.free();
    this.#asyncMemory = memory;
    const finished = new Promise<void>((resolve) => {
      this.#asyncRun = { finished: resolve };
    });
    const status = await this.#library.callAsync(
      'rkllm_run_async',
      this.#handle,
      memory.input,
      memory.inferParam,
      nullAddress,
    );
    if (status === 0) await finished;
    this.#asyncRun = undefined;
    return status;
  }

  /**
   * `rkllm_abort`: acts at the next token, after prefill at the earliest. Called from a thread of
   * its own, because nothing says that it returns while a callback still runs.
   */
  abort(): Promise<number> {
    return this.#library.callAsync('rkllm_abort', this.#handle);
  }

  /** `rkllm_is_running`: what 0 means differs by version and is uncertain; keep your own state. */
  isRunning(): number {
    return this.#library.call('rkllm_is_running', this.#handle);
  }

  /** `rkllm_destroy`. Only after the last run is over. */
  async destroy(): Promise<number> {
    const status =
      this.#handle === nullAddress
        ? 0
        : await this.#library.callAsync('rkllm_destroy', this.#handle);
    this.#handle = nullAddress;
    for (const callback of this.#callbacks.splice(0)) koffi.unregister(callback);
    this.#memory.free();
    this.#crossAttention?.free();
    this.#asyncMemory?.free();
    return status;
  }

  loadLora(adapter: { path: string; name: string; scale: number }): Promise<number> {
    const param = this.#memory.struct('LoraAdapter', {
      lora_adapter_path: this.#memory.string(adapter.path),
      lora_adapter_name: this.#memory.string(adapter.name),
      scale: adapter.scale,
    });
    return this.#library.callAsync('rkllm_load_lora', this.#handle, param);
  }

  loadPromptCache(path: string): Promise<number> {
    return this.#library.callAsync('rkllm_load_prompt_cache', this.#handle, path);
  }

  releasePromptCache(): Promise<number> {
    return this.#library.callAsync('rkllm_release_prompt_cache', this.#handle);
  }

  /**
   * `rkllm_clear_kv_cache`, of everything or of the ranges `[start, end)`, one per batch entry
   * (1.2.1, only while paused).
   */
  async clearKvCache(
    options: { keepSystemPrompt?: boolean; ranges?: readonly (readonly [number, number])[] } = {},
  ): Promise<number> {
    const keep = options.keepSystemPrompt ? 1 : 0;
    if (options.ranges) this.#checkBatch(options.ranges.length);
    if (!isAtLeast(this.#library.group, 'C')) {
      if (options.ranges) throw new TypeError('clearing a range needs runtime 1.2.1');
      return this.#library.callAsync('rkllm_clear_kv_cache', this.#handle, keep);
    }
    const memory = new NativeMemory(this.#library.group);
    try {
      const [starts, ends] = [0, 1].map((side) =>
        options.ranges
          ? memory.array(Int32Array.from(options.ranges, (range) => range[side] ?? 0))
          : nullAddress,
      );
      return await this.#library.callAsync(
        'rkllm_clear_kv_cache',
        this.#handle,
        keep,
        starts,
        ends,
      );
    } finally {
      memory.free();
    }
  }

  /** `rkllm_get_kv_cache_size`: entries in the KV cache, one number per batch entry. */
  async kvCacheSizes(): Promise<number[]> {
    const memory = new NativeMemory(this.#library.group);
    try {
      const sizes = memory.bytes(this.#batchSize * Int32Array.BYTES_PER_ELEMENT);
      const status = await this.#library.callAsync('rkllm_get_kv_cache_size', this.#handle, sizes);
      if (status !== 0) throw new Error(`rkllm_get_kv_cache_size failed with ${status}`);
      return Array.from({ length: this.#batchSize }, (_, index) =>
        koffi.decode.int32(sizes + BigInt(index * Int32Array.BYTES_PER_ELEMENT)),
      );
    } finally {
      memory.free();
    }
  }

  /** Also clears the KV cache and turns the file's own template off (rknn-llm issues 377, 431). */
  setChatTemplate(template: { system: string; prefix: string; postfix: string }): Promise<number> {
    const { system, prefix, postfix } = template;
    return this.#library.callAsync(
      'rkllm_set_chat_template',
      this.#handle,
      system,
      prefix,
      postfix,
    );
  }

  /** Acts only with the file's own template (rknn-llm issue 429). */
  setFunctionTools(tools: { system: string; tools: string; responseTag: string }): Promise<number> {
    return this.#library.callAsync(
      'rkllm_set_function_tools',
      this.#handle,
      tools.system,
      tools.tools,
      tools.responseTag,
    );
  }

  /** Encoder keys and values; kept until the next call or destroy. */
  async setCrossAttention(input: CrossAttention): Promise<number> {
    const memory = new NativeMemory(this.#library.group);
    const param = memory.struct('CrossAttnParam', {
      encoder_k_cache: memory.array(input.keys),
      encoder_v_cache: memory.array(input.values),
      encoder_mask: memory.array(input.mask),
      encoder_pos: memory.array(input.positions),
      num_tokens: input.tokens,
    });
    const status = await this.#library.callAsync(
      'rkllm_set_cross_attn_params',
      this.#handle,
      param,
    );
    this.#crossAttention?.free();
    this.#crossAttention = memory;
    return status;
  }

  /** `rkllm_createDefaultParam`: the library's own defaults, by C field name. */
  defaults(): unknown {
    return this.#library.defaultParam();
  }

  #runMemory(inputs: readonly RunInput[], options: RunOptions): RunMemory {
    this.#checkBatch(inputs.length);
    return new RunMemory(this.#library.group, inputs, options);
  }

  /** The library reads as many array entries as it was initialised for. */
  #checkBatch(length: number): void {
    if (length !== this.#batchSize) {
      throw new TypeError(
        `expected one entry for each of ${this.#batchSize} inputs, got ${length}`,
      );
    }
  }

  #registerResult(callbacks: Callbacks): Address {
    const onResult: ResultCallback = (result, _userdata, state) => {
      const address = result === null || result === nullAddress ? null : result;
      const answer = callbacks.result(this.#reader, address, state);
      if (state === callState.finish || state === callState.error) this.#asyncRun?.finished();
      return answer;
    };
    const address = registerResultCallback(onResult);
    this.#callbacks.push(address);
    return address;
  }

  #modelCallbacks(callbacks: Callbacks): StructValues {
    const values: StructValues = {};
    if (callbacks.tokenizer) {
      values['tokenizer_callback'] = registerTokenizerCallback(callbacks.tokenizer);
      this.#callbacks.push(values['tokenizer_callback']);
    }
    if (callbacks.embed) {
      values['embed_callback'] = registerEmbedCallback(callbacks.embed);
      this.#callbacks.push(values['embed_callback']);
    }
    return values;
  }
}
