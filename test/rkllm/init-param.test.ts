import { describe, expect, it } from 'vitest';
import { type InitParams, initParamValues } from '../../src/rkllm/init-param.ts';
import { NativeMemory } from '../../src/rkllm/memory.ts';
import { abiGroups, isAtLeast } from '../../src/rkllm/versions.ts';
import { stringAt } from './native-reader.ts';
import { initParams } from './simulated-board.ts';

const libraryDefaults = {
  top_k: 40,
  top_p: 0.9,
  temperature: 0.8,
  repeat_penalty: 1.1,
  frequency_penalty: 0.1,
  presence_penalty: 0.2,
  mirostat: 0,
  mirostat_tau: 5,
  mirostat_eta: 0.1,
  max_context_len: 512,
  n_keep: 99,
};

describe.each(abiGroups)('the parameters of rkllm_init in ABI group %s', (group) => {
  function values(more: Partial<InitParams> = {}) {
    const memory = new NativeMemory(group);
    const result = initParamValues(group, memory, initParams('/m.rkllm', more), libraryDefaults);
    expect(() => memory.struct('Param', result)).not.toThrow();
    return result;
  }

  it('are those that were asked for', () => {
    const result = values({
      maxContextLength: 2048,
      maxNewTokens: 77,
      nKeep: 5,
      baseDomainId: 4,
      embedFlash: false,
      cpus: { count: 2, mask: 0x30 },
      batchSize: 3,
      crossAttention: true,
      skipSpecialTokens: false,
      ignoreEos: true,
      isAsync: true,
    });
    expect(stringAt(result['model_path'])).toBe('/m.rkllm');
    expect(result).toMatchObject({
      max_context_len: 2048,
      max_new_tokens: 77,
      skip_special_token: false,
      is_async: true,
      'extend_param.base_domain_id': 4,
      ...(isAtLeast(group, 'B') && {
        n_keep: 5,
        'extend_param.embed_flash': 0,
        'extend_param.enabled_cpus_num': 2,
        'extend_param.enabled_cpus_mask': 0x30,
      }),
      ...(isAtLeast(group, 'C') && {
        'extend_param.n_batch': 3,
        'extend_param.use_cross_attn': 1,
      }),
      ...(isAtLeast(group, 'D') && { ignore_eos_token: true }),
    });
  });

  it("are the library's own for sampling that was left out", () => {
    const { max_context_len, n_keep, ...sampling } = libraryDefaults;
    expect(values()).toMatchObject(sampling);
    expect(values({ sampling: { temperature: 0, topK: 1 } })).toMatchObject({
      ...sampling,
      temperature: 0,
      top_k: 1,
    });
  });

  it('name every sampling field', () => {
    const sampling = {
      topK: 1,
      topP: 2,
      temperature: 3,
      repeatPenalty: 4,
      frequencyPenalty: 5,
      presencePenalty: 6,
      mirostat: 7,
      mirostatTau: 8,
      mirostatEta: 9,
    };
    expect(values({ sampling })).toMatchObject({
      top_k: 1,
      top_p: 2,
      temperature: 3,
      repeat_penalty: 4,
      frequency_penalty: 5,
      presence_penalty: 6,
      mirostat: 7,
      mirostat_tau: 8,
      mirostat_eta: 9,
    });
  });

  it('have an empty text, never NULL, for each image tag where these exist', () => {
    const result = values();
    for (const tag of ['img_start', 'img_end', 'img_content']) {
      if (isAtLeast(group, 'D')) expect(result).not.toHaveProperty(tag);
      else expect(stringAt(result[tag])).toBe('');
    }
  });
});
