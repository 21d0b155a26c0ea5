import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/rkllm/abi.ts';
import { type RunInput, RunMemory, type RunOptions } from '../../src/rkllm/run-memory.ts';
import { type AbiGroup, abiGroups, isAtLeast } from '../../src/rkllm/versions.ts';
import { floatsAt, intsAt, stringAt, structAt } from './native-reader.ts';

const image = {
  embedding: Float32Array.of(1, 2, 3, 4),
  tokensPerImage: 2,
  count: 1,
  width: 448,
  height: 336,
};
const video = {
  embedding: Float32Array.of(5, 6),
  tokensPerFrame: 3,
  framesPerVideo: 4,
  count: 2,
  frameWidth: 320,
  frameHeight: 240,
};
const audio = { embedding: Float32Array.of(7, 8), tokensPerAudio: 9, count: 3 };
const sampling = {
  topK: 1,
  topP: 0.5,
  temperature: 0.25,
  repeatPenalty: 1.5,
  frequencyPenalty: -0.5,
  presencePenalty: 0.75,
  mirostat: 2,
  mirostatTau: 4.5,
  mirostatEta: 0.125,
};

function withMemory<T>(
  group: AbiGroup,
  inputs: readonly RunInput[],
  options: RunOptions,
  read: (memory: RunMemory) => T,
): T {
  const memory = new RunMemory(group, inputs, options);
  try {
    return read(memory);
  } finally {
    memory.free();
  }
}

function withInput(
  group: AbiGroup,
  input: RunInput,
  check: (struct: Record<string, number | bigint>) => void,
): void {
  withMemory(group, [input], {}, (memory) => check(structAt(memory.input, 'Input', group)));
}

function withOptions(
  group: AbiGroup,
  options: RunOptions,
  check: (struct: Record<string, number | bigint>) => void,
): void {
  withMemory(group, [{ type: 'prompt', text: '' }], options, (memory) =>
    check(structAt(memory.inferParam, 'InferParam', group)),
  );
}

describe.each(abiGroups)('what a run hands to the library in ABI group %s', (group) => {
  it('is the prompt as text', () => {
    withInput(group, { type: 'prompt', text: 'Grüß Gott' }, (struct) => {
      expect(struct['input_type']).toBe(0);
      expect(stringAt(struct['input.prompt'])).toBe('Grüß Gott');
    });
  });

  it('is the prompt as token ids with their count', () => {
    withInput(group, { type: 'tokens', ids: Int32Array.of(5, 6, 7) }, (struct) => {
      expect(struct['input_type']).toBe(1);
      expect(intsAt(struct['input.prompt'], 3)).toEqual([5, 6, 7]);
      expect(struct['input.image.image_embed']).toBe(3n);
    });
  });

  it('is the prompt as embedding rows with the count of tokens', () => {
    const values = Float32Array.of(0.5, 1.5, 2.5, 3.5);
    withInput(group, { type: 'embedding', values, tokens: 2 }, (struct) => {
      expect(struct['input_type']).toBe(2);
      expect(floatsAt(struct['input.prompt'], 4)).toEqual([0.5, 1.5, 2.5, 3.5]);
      expect(struct['input.image.image_embed']).toBe(2n);
    });
  });

  it('is an image with its text', () => {
    withInput(group, { type: 'multimodal', text: '<image>', image }, (struct) => {
      expect(struct['input_type']).toBe(3);
      expect(stringAt(struct['input.prompt'])).toBe('<image>');
      expect(floatsAt(struct['input.image.image_embed'], 4)).toEqual([1, 2, 3, 4]);
      expect(struct['input.image.n_image_tokens']).toBe(2n);
      if (!isAtLeast(group, 'B1')) return;
      expect(struct).toMatchObject({
        'input.image.n_image': 1n,
        'input.image.image_width': 448n,
        'input.image.image_height': 336n,
      });
    });
  });

  it('is who speaks and whether the model may think, where the version knows these', () => {
    const input: RunInput = { type: 'prompt', text: '', role: 'tool', thinking: true };
    withInput(group, input, (struct) => {
      expect('role' in struct).toBe(isAtLeast(group, 'C'));
      if (!isAtLeast(group, 'C')) return;
      expect(stringAt(struct['role'])).toBe('tool');
      expect(struct['enable_thinking']).toBe(1);
    });
    withInput(group, { type: 'prompt', text: '' }, (struct) => {
      if (!isAtLeast(group, 'C')) return;
      expect(stringAt(struct['role'])).toBe('user');
      expect(struct['enable_thinking']).toBe(0);
    });
  });

  it('is one struct after the other for several inputs', () => {
    const inputs: RunInput[] = ['one', 'two', 'three'].map((text) => ({ type: 'prompt', text }));
    withMemory(group, inputs, {}, ({ input }) => {
      const stride = BigInt(layoutOf('Input', group).size);
      const texts = inputs.map((_, index) =>
        stringAt(structAt(input + stride * BigInt(index), 'Input', group)['input.prompt']),
      );
      expect(texts).toEqual(['one', 'two', 'three']);
    });
  });

  it('generates, alone, with the settings of init unless told otherwise', () => {
    withOptions(group, {}, (struct) => {
      expect(new Set(Object.values(struct).map(Number))).toEqual(new Set([0]));
    });
  });

  it('is the mode', () => {
    withOptions(group, { mode: 'hidden' }, (struct) => expect(struct['mode']).toBe(1));
    if (isAtLeast(group, 'B')) {
      withOptions(group, { mode: 'logits' }, (struct) => expect(struct['mode']).toBe(2));
    } else {
      expect(() => withOptions(group, { mode: 'logits' }, () => {})).toThrow(/1\.2\.0/);
    }
  });

  it('is the LoRA adapter and the prompt cache', () => {
    withOptions(group, { lora: 'style', savePromptCache: '/c.bin' }, (struct) => {
      const lora = structAt(struct['lora_params'], 'LoraParam', group);
      expect(stringAt(lora['lora_adapter_name'])).toBe('style');
      const cache = structAt(struct['prompt_cache_params'], 'PromptCacheParam', group);
      expect(cache['save_prompt_cache']).toBe(1);
      expect(stringAt(cache['prompt_cache_path'])).toBe('/c.bin');
    });
  });

  it('is history, sampling and the token limit where the version knows these', () => {
    withOptions(group, { keepHistory: true, sampling, maxNewTokens: 12 }, (struct) => {
      if (isAtLeast(group, 'B')) expect(struct['keep_history']).toBe(1);
      if (!isAtLeast(group, 'D')) return;
      expect(struct['max_new_tokens']).toBe(12);
      expect(structAt(struct['sampling_params'], 'SamplingParam', group)).toEqual({
        top_k: 1,
        top_p: 0.5,
        temperature: 0.25,
        repeat_penalty: 1.5,
        frequency_penalty: -0.5,
        presence_penalty: 0.75,
        mirostat: 2,
        mirostat_tau: 4.5,
        mirostat_eta: 0.125,
      });
    });
  });

  it.each<[string, RunInput, AbiGroup, RegExp]>([
    [
      'several images',
      { type: 'multimodal', text: '', image: { ...image, count: 2 } },
      'B1',
      /1\.2\.1/,
    ],
    ['a video', { type: 'multimodal', text: '', video }, 'D', /1\.3\.0/],
    ['audio', { type: 'multimodal', text: '', audio }, 'E', /1\.3\.1/],
  ])('says which version %s needs', (_, input, since, words) => {
    const make = () => withInput(group, input, () => {});
    if (isAtLeast(group, since)) expect(make).not.toThrow();
    else expect(make).toThrow(words);
  });

  it.each<[string, RunInput, RunOptions]>([
    ['a prompt', { type: 'prompt', text: 'a\0b' }, {}],
    ['a multimodal text', { type: 'multimodal', text: 'a\0b', image }, {}],
    ['the name of an adapter', { type: 'prompt', text: '' }, { lora: 'a\0b' }],
    ['the path of a cache', { type: 'prompt', text: '' }, { savePromptCache: 'a\0b' }],
  ])('is refused for a NUL in %s', (_, input, options) => {
    expect(() => new RunMemory(group, [input], options)).toThrow(/NUL/);
  });
});

describe('images, videos and audio', () => {
  const tags = { start: '<s>', end: '<e>', content: '<c>' };

  it.each(['D', 'E'] as const)('carry their tags and sizes in ABI group %s', (group) => {
    const input: RunInput = {
      type: 'multimodal',
      text: 't',
      image: { ...image, ...tags },
      video: { ...video, ...tags },
    };
    withInput(group, input, (struct) => {
      for (const kind of ['image', 'video']) {
        expect(stringAt(struct[`input.${kind}.${kind}_start`])).toBe('<s>');
        expect(stringAt(struct[`input.${kind}.${kind}_end`])).toBe('<e>');
        expect(stringAt(struct[`input.${kind}.${kind}_content`])).toBe('<c>');
      }
      expect(floatsAt(struct['input.video.video_embed'], 2)).toEqual([5, 6]);
      expect(struct).toMatchObject({
        'input.video.n_frame_tokens': 3n,
        'input.video.n_frame_per_video': 4n,
        'input.video.n_video': 2n,
        'input.video.frame_width': 320n,
        'input.video.frame_height': 240n,
      });
    });
  });

  it('carry audio in 1.3.1', () => {
    const input: RunInput = { type: 'multimodal', text: 't', audio: { ...audio, start: '<a>' } };
    withInput('E', input, (struct) => {
      expect(floatsAt(struct['input.audio.audio_embed'], 2)).toEqual([7, 8]);
      expect(stringAt(struct['input.audio.audio_start'])).toBe('<a>');
      expect(struct).toMatchObject({
        'input.audio.n_audio_tokens': 9n,
        'input.audio.n_audio': 3n,
        'input.audio.audio_end': 0n,
      });
    });
  });
});
