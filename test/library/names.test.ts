import { describe, expect, it } from 'vitest';
import { ApplianceError } from '../../src/errors.ts';
import { aliasesOf } from '../../src/library/alias.ts';
import { NameIndex } from '../../src/library/names.ts';

/** What a request finds among `models`: a name, or an error's code. */
function outcome(models: readonly string[], request: string): string {
  try {
    return new NameIndex(models.map((name) => ({ name }))).find(request).name;
  } catch (error) {
    if (error instanceof ApplianceError) return error.code;
    throw error;
  }
}

const shelf = [
  'loose.rkllm',
  'folder',
  'both',
  'both.rkllm',
  'Folder.With.rkllm',
  'tagged:3b',
  'alice/llama',
  'alice/solo',
  'bob/llama',
  'carol/folder',
  'Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0',
  'Qwen2.5-Coder-7B-Instruct-rk3588-w8a8-opt-1-hybrid-ratio-0.5',
  'Qwen2.5-Coder-7B-Instruct-rk3588-w8a8_g128-opt-1-hybrid-ratio-0.5',
  'dave/gemma-2-2b-it-rk3588-w8a8',
  'CASE',
  'Case',
  'Mixed',
  'größe',
];

describe('the name of a model', () => {
  it.each([
    // as listed
    ['loose.rkllm', 'loose.rkllm'],
    ['folder', 'folder'],
    ['alice/llama', 'alice/llama'],
    ['tagged:3b', 'tagged:3b'],
    // with and without .rkllm and :latest
    ['loose', 'loose.rkllm'],
    ['loose:latest', 'loose.rkllm'],
    ['loose.rkllm:latest', 'loose.rkllm'],
    ['folder.rkllm', 'folder'],
    ['folder:latest', 'folder'],
    ['Folder.With', 'Folder.With.rkllm'],
    ['alice/llama.rkllm', 'alice/llama'],
    ['alice/llama:latest', 'alice/llama'],
    ['tagged', 'model_not_found'],
    ['folder:3b', 'model_not_found'],
    // the literal name comes first
    ['both', 'both'],
    ['both:latest', 'both'],
    ['both.rkllm', 'both.rkllm'],
    // short aliases
    ['qwen2.5:3b', 'Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0'],
    ['qwen2.5-instruct:3b', 'Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0'],
    ['Qwen2.5:3B', 'Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0'],
    ['qwen2.5-coder:7b', 'model_ambiguous'],
    [
      'qwen2.5-coder-w8a8-g128:7b',
      'Qwen2.5-Coder-7B-Instruct-rk3588-w8a8_g128-opt-1-hybrid-ratio-0.5',
    ],
    ['qwen2.5-coder-w8a8:7b', 'Qwen2.5-Coder-7B-Instruct-rk3588-w8a8-opt-1-hybrid-ratio-0.5'],
    ['qwen2.5:7b', 'model_not_found'],
    ['dave/gemma-2:2b', 'dave/gemma-2-2b-it-rk3588-w8a8'],
    ['gemma-2:2b', 'dave/gemma-2-2b-it-rk3588-w8a8'],
    // a namespace that the board does not have
    ['anyone/loose', 'loose.rkllm'],
    ['library/folder:latest', 'folder'],
    ['hf.co/alice/llama', 'alice/llama'],
    ['hf.co/anyone/qwen2.5:3b', 'Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0'],
    ['carol/folder', 'carol/folder'],
    // ... is never another user's
    ['erin/solo', 'model_not_found'],
    // a namespace that was left out
    ['solo', 'alice/solo'],
    ['solo:latest', 'alice/solo'],
    ['llama', 'model_ambiguous'],
    // case comes last
    ['Case', 'Case'],
    ['CASE', 'CASE'],
    ['case', 'model_ambiguous'],
    ['mixed', 'Mixed'],
    ['MIXED.RKLLM', 'Mixed'],
    ['anyone/MIXED', 'Mixed'],
    // either spelling of an accent
    ['gro\u0308ße'.normalize('NFD'), 'größe'],
    // nothing like it
    ['nothing', 'model_not_found'],
    ['latest', 'model_not_found'],
    ['.rkllm', 'invalid_request'],
    ['rkllm', 'model_not_found'],
    // what no model can be called
    ['', 'invalid_request'],
    ['   ', 'invalid_request'],
    ['..', 'invalid_request'],
    ['../folder', 'invalid_request'],
    ['alice/../folder', 'invalid_request'],
    ['./folder', 'invalid_request'],
    ['/etc/passwd', 'invalid_request'],
    ['alice//llama', 'invalid_request'],
    ['folder/', 'invalid_request'],
    ['..\\folder', 'invalid_request'],
    ['folder\0', 'invalid_request'],
    ['fold\ner', 'invalid_request'],
    ['.hidden', 'invalid_request'],
    ['x'.repeat(257), 'invalid_request'],
  ])('%j means %s', (request, expected) => {
    expect(outcome(shelf, request)).toBe(expected.normalize());
  });

  it('lists the candidates when it is ambiguous', () => {
    const index = new NameIndex(shelf.map((name) => ({ name })));
    expect(() => index.find('llama')).toThrow(
      '"llama" may mean alice/llama, bob/llama. Name one of them.',
    );
  });

  it('lists no more than ten of many candidates', () => {
    const many = Array.from({ length: 12 }, (_, user) => ({ name: `user${user + 10}/same` }));
    expect(() => new NameIndex(many).find('same')).toThrow(/user19\/same and 2 more\./);
  });
});

describe('the short alias of a name', () => {
  it.each([
    ['Qwen2.5-3B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-1.0', 'qwen2.5:3b'],
    ['Llama-2-7B-Chat-rk3588-w4a16_g64-opt-0-hybrid-ratio-0.4', 'llama-2-chat:7b'],
    ['deepseek-coder-7b-instruct-v1.5-rk3588-w8a8-opt-1-hybrid-ratio-0.5', 'deepseek-coder:7b'],
    ['deepseek-math-7b-instruct-rk3588-w8a8-opt-1-hybrid-ratio-0.5', 'deepseek-math:7b'],
    ['Qwen2.5-Coder-7B-Instruct-rk3588-w8a8', 'qwen2.5-coder-instruct:7b'],
    ['Qwen3-0.6B-rk3588-w8a8.rkllm', 'qwen3:0.6b'],
    ['SmolVLM_256M_rk3588_w8a8', 'smolvlm:256m'],
    ['DeepSeek-R1-Distill-Qwen-1.5B_W8A8_RK3588.rkllm', 'deepseek-r1-distill-qwen:1.5b'],
    ['Qwen2.5-3B-rk3588-w8a8-opt-1-hybrid-ratio-0.5', 'qwen2.5-opt1:3b'],
    ['Qwen2.5-3B-rk3588-w8a8-opt-1-hybrid-ratio-0.5', 'qwen2.5-r0.5:3b'],
  ])('of %s is %s', (name, alias) => {
    expect(aliasesOf(name)).toContain(alias);
  });

  it.each(['phi3-medium', 'model', '7b', 'rk3588-w8a8'])('does not exist for %s', (name) => {
    expect(aliasesOf(name)).toEqual([]);
  });
});
