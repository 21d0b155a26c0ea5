import { describe, expect, it } from 'vitest';
import { parseOllama } from '../../../src/library/modelfile/ollama.ts';

describe("Ollama's Modelfile syntax", () => {
  it.each([
    ['FROM qwen2.5:3b', 'from', 'qwen2.5:3b'],
    ['from ./model.rkllm', 'from', './model.rkllm'],
    ['SYSTEM You are Mario.', 'system', 'You are Mario.'],
    ['SYSTEM "You are Mario."', 'system', 'You are Mario.'],
    ['SYSTEM """You\nare\n# Mario."""', 'system', 'You\nare\n# Mario.'],
    ['SYSTEM say "this" and "that"', 'system', 'say "this" and "that"'],
    ['TEMPLATE """{{ .Prompt }}\n"""', 'template', '{{ .Prompt }}\n'],
    ['MESSAGE user Is Toronto in Canada?', 'message', 'user Is Toronto in Canada?'],
    ['MESSAGE assistant """yes\nit is"""', 'message', 'assistant yes\nit is'],
    ['ADAPTER ./lora.rkllm', 'adapter', './lora.rkllm'],
    ['LICENSE """\nMIT\n"""', 'license', '\nMIT\n'],
    ['SYSTEM windows\r', 'system', 'windows'],
  ])('%j gives %s', (source, key, value) => {
    expect(parseOllama(`# comment\n\n${source}\nFROM end\n`)).toEqual([
      { key, value },
      { key: 'from', value: 'end' },
    ]);
  });

  it.each([
    ['PARAMETER temperature 0.7', 'temperature', '0.7'],
    ['PARAMETER stop "<|im_end|>"', 'stop', '<|im_end|>'],
  ])('%j gives the parameter %s', (source, key, value) => {
    expect(parseOllama(source)).toEqual([{ key, value, isParameter: true }]);
  });

  it('survives a text that is never closed', () => {
    expect(parseOllama('SYSTEM """never\nclosed')).toEqual([
      { key: 'system', value: 'never\nclosed' },
    ]);
  });
});
