/** Inputs and options of one run, and the native memory that carries them until FINISH. */
import { inferMode, inputType } from './abi.ts';
import { type Address, NativeMemory, nullAddress, type StructValues } from './memory.ts';
import { type AbiGroup, isAtLeast } from './versions.ts';

/** Start, end and content tags, and the embedding of one kind of media (row-major floats). */
interface MediaTags {
  start?: string;
  end?: string;
  content?: string;
}

export interface ImageInput extends MediaTags {
  /** `count * tokensPerImage * embedding size` floats. */
  embedding: Float32Array;
  tokensPerImage: number;
  count: number;
  /** Pixels. */
  width: number;
  height: number;
}

export interface VideoInput extends MediaTags {
  embedding: Float32Array;
  tokensPerFrame: number;
  framesPerVideo: number;
  count: number;
  /** Pixels. */
  frameWidth: number;
  frameHeight: number;
}

export interface AudioInput extends MediaTags {
  embedding: Float32Array;
  tokensPerAudio: number;
  count: number;
}

/** What goes into a run. `role` and `thinking` act from 1.2.1 on, and only on text. */
export type RunInput = { role?: 'user' | 'tool'; thinking?: boolean } & (
  | { type: 'prompt'; text: string }
  | { type: 'tokens'; ids: Int32Array }
  /** `values` is `tokens * embedding size` floats. */
  | { type: 'embedding'; values: Float32Array; tokens: number }
  | {
      type: 'multimodal';
      text: string;
      image?: ImageInput;
      video?: VideoInput;
      audio?: AudioInput;
    }
);

/** Sampling of one run; only honoured from 1.3.0 on. */
export interface RunSampling {
  topK: number;
  topP: number;
  temperature: number;
  repeatPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  mirostat: number;
  mirostatTau: number;
  mirostatEta: number;
}

export interface RunOptions {
  mode?: 'generate' | 'hidden' | 'logits';
  lora?: string;
  /** File to which the prompt's KV cache is saved after the run. */
  savePromptCache?: string;
  /** Keep the KV cache as a conversation (from 1.2.0 on). */
  keepHistory?: boolean;
  sampling?: RunSampling;
  /** From 1.3.0 on the runtime's own limit; 0 or less: the limit of init. */
  maxNewTokens?: number;
}

export class RunMemory {
  /** `RKLLMInput *`, an array when several inputs make a batch. */
  readonly input: Address;
  /** `RKLLMInferParam *`. */
  readonly inferParam: Address;
  readonly #memory: NativeMemory;

  constructor(group: AbiGroup, inputs: readonly RunInput[], options: RunOptions) {
    this.#memory = new NativeMemory(group);
    try {
      this.input = this.#memory.structs(
        'Input',
        inputs.map((input) => this.#inputValues(group, input)),
      );
      this.inferParam = this.#memory.struct('InferParam', this.#inferValues(group, options));
    } catch (error) {
      this.#memory.free();
      throw error;
    }
  }

  free(): void {
    this.#memory.free();
  }

  #inputValues(group: AbiGroup, input: RunInput): StructValues {
    const values: StructValues = {};
    if (isAtLeast(group, 'C')) {
      values['role'] = this.#memory.string(input.role ?? 'user');
      values['enable_thinking'] = input.thinking ?? false;
    }
    // The members of the C union lie over the first fields of its largest one.
    switch (input.type) {
      case 'prompt':
        values['input_type'] = inputType.prompt;
        values['input.prompt'] = this.#memory.string(input.text);
        break;
      case 'tokens':
        values['input_type'] = inputType.token;
        values['input.prompt'] = this.#memory.array(input.ids);
        values['input.image.image_embed'] = input.ids.length;
        break;
      case 'embedding':
        values['input_type'] = inputType.embed;
        values['input.prompt'] = this.#memory.array(input.values);
        values['input.image.image_embed'] = input.tokens;
        break;
      case 'multimodal':
        values['input_type'] = inputType.multimodal;
        Object.assign(values, this.#multimodalValues(group, input));
        break;
    }
    return values;
  }

  #multimodalValues(
    group: AbiGroup,
    input: Extract<RunInput, { type: 'multimodal' }>,
  ): StructValues {
    const { image, video, audio } = input;
    if (video && !isAtLeast(group, 'D')) throw new TypeError('video input needs runtime 1.3.0');
    if (audio && !isAtLeast(group, 'E')) throw new TypeError('audio input needs runtime 1.3.1');
    const values: StructValues = { 'input.prompt': this.#memory.string(input.text) };
    if (image) {
      values['input.image.image_embed'] = this.#memory.array(image.embedding);
      values['input.image.n_image_tokens'] = image.tokensPerImage;
      if (isAtLeast(group, 'B1')) {
        values['input.image.n_image'] = image.count;
        values['input.image.image_width'] = image.width;
        values['input.image.image_height'] = image.height;
      } else if (image.count !== 1) {
        throw new TypeError('several images need runtime 1.2.1');
      }
      if (isAtLeast(group, 'D')) this.#tags(values, 'image', 'image', image);
    }
    if (video) {
      values['input.video.video_embed'] = this.#memory.array(video.embedding);
      values['input.video.n_frame_tokens'] = video.tokensPerFrame;
      values['input.video.n_frame_per_video'] = video.framesPerVideo;
      values['input.video.n_video'] = video.count;
      values['input.video.frame_width'] = video.frameWidth;
      values['input.video.frame_height'] = video.frameHeight;
      this.#tags(values, 'video', 'video', video);
    }
    if (audio) {
      values['input.audio.audio_embed'] = this.#memory.array(audio.embedding);
      values['input.audio.n_audio_tokens'] = audio.tokensPerAudio;
      values['input.audio.n_audio'] = audio.count;
      this.#tags(values, 'audio', 'audio', audio);
    }
    return values;
  }

  #tags(values: StructValues, outer: string, prefix: string, tags: MediaTags): void {
    for (const key of ['start', 'end', 'content'] as const) {
      const tag = tags[key];
      if (tag !== undefined) {
        values[`input.${outer}.${prefix}_${key}`] = this.#memory.string(tag);
      }
    }
  }

  #inferValues(group: AbiGroup, options: RunOptions): StructValues {
    const mode = options.mode ?? 'generate';
    if (mode === 'logits' && !isAtLeast(group, 'B')) {
      throw new TypeError('logits need runtime 1.2.0');
    }
    const values: StructValues = {
      mode: {
        generate: inferMode.generate,
        hidden: inferMode.lastHiddenLayer,
        logits: inferMode.logits,
      }[mode],
    };
    if (options.lora !== undefined) {
      values['lora_params'] = this.#memory.struct('LoraParam', {
        lora_adapter_name: this.#memory.string(options.lora),
      });
    }
    if (options.savePromptCache !== undefined) {
      values['prompt_cache_params'] = this.#memory.struct('PromptCacheParam', {
        save_prompt_cache: 1,
        prompt_cache_path: this.#memory.string(options.savePromptCache),
      });
    }
    if (isAtLeast(group, 'B')) values['keep_history'] = options.keepHistory ? 1 : 0;
    if (isAtLeast(group, 'D')) {
      values['max_new_tokens'] = options.maxNewTokens ?? 0;
      values['sampling_params'] = options.sampling ? this.#sampling(options.sampling) : nullAddress;
    }
    return values;
  }

  #sampling(sampling: RunSampling): Address {
    return this.#memory.struct('SamplingParam', {
      top_k: sampling.topK,
      top_p: sampling.topP,
      temperature: sampling.temperature,
      repeat_penalty: sampling.repeatPenalty,
      frequency_penalty: sampling.frequencyPenalty,
      presence_penalty: sampling.presencePenalty,
      mirostat: sampling.mirostat,
      mirostat_tau: sampling.mirostatTau,
      mirostat_eta: sampling.mirostatEta,
    });
  }
}
