import { describe, expect, it } from 'vitest';
import { families, familyNamed, familyOf } from '../../../../src/engine/prompt/families/index.ts';

describe('the family of a model', () => {
  it.each([
    ['Qwen2.5-3B-Instruct-rk3588-w8a8', 'qwen2', 'qwen2.5'],
    ['qwen2.5:3b', null, 'qwen2.5'],
    ['Qwen3-0.6B', 'qwen3', 'qwen3'],
    ['QwQ-32B', 'qwen2', 'qwen3'],
    ['DeepSeek-R1-Distill-Qwen-1.5B_W8A8', 'qwen2', 'deepseek-r1'],
    ['DeepSeek-R1-Distill-Llama-8B', 'llama', 'deepseek-r1'],
    ['Llama-3-8B-Instruct', 'llama', 'llama-3'],
    ['Meta-Llama-3.1-8B', 'llama', 'llama-3.1'],
    ['Llama-3.2-1B-Instruct', 'llama', 'llama-3.1'],
    ['llama3.2:3b', 'llama', 'llama-3.1'],
    ['Llama-3-8b', 'llama', 'llama-3'],
    ['TinyLlama-1.1B-Chat-v1.0', 'llama', 'zephyr'],
    ['gemma-2-2b-it', 'gemma2', 'gemma'],
    ['Phi-3-mini-4k-instruct', 'phi3', 'phi-3'],
    ['Phi-4-mini-instruct', 'phi3', 'phi-4-mini'],
    ['phi-4', 'phi3', 'phi-4'],
    ['internlm2-chat-1_8b', 'internlm2', 'internlm2'],
    ['MiniCPM-2B-dpo', 'minicpm', 'minicpm'],
    ['MiniCPM3-4B', 'minicpm3', 'minicpm3'],
    ['MiniCPM4-0.5B', 'minicpm', 'minicpm3'],
    ['chatglm3-6b', 'chatglm', 'chatglm3'],
    ['glm-edge-1.5b-chat', 'chatglm', 'glm-4'],
    ['Mistral-7B-Instruct-v0.3', 'llama', 'mistral'],
    ['my-assistant', 'qwen3', 'qwen3'],
    ['my-assistant', 'gemma3', 'gemma'],
    ['my-assistant', 'llama', 'chatml'],
    ['my-assistant', null, 'chatml'],
  ])('of the name %s and the architecture %s is %s', (name, architecture, family) => {
    expect(familyOf({ name, architecture }).name).toBe(family);
  });

  it.each([
    ['my-assistant', 'llama', '<|start_header_id|>user<|end_header', 'llama-3.1'],
    ['my-qwen-merge', 'llama', '<start_of_turn>user\n', 'gemma'],
    ['Qwen3-0.6B', 'qwen3', '<|im_start|>user\n', 'qwen3'],
    ['my-assistant', null, '<｜User｜>', 'deepseek-r1'],
    ['my-assistant', 'qwen2', '<|im_start|>user\n', 'qwen2.5'],
    ['my-assistant', 'qwen3', '{{ "<|im_start|>" + message.role }}', 'qwen3'],
  ])(
    'of the name %s and the architecture %s, with %j in its template, is %s',
    (name, architecture, template, family) => {
      expect(familyOf({ name, architecture, template: `${template}` }).name).toBe(family);
    },
  );

  it('can be asked for by its own name, which no two share', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const family of families) expect(familyNamed(family.name)).toBe(family);
    expect(() => familyNamed('nothing')).toThrow('no family is called nothing');
  });
});
