import { describe, expect, it } from 'vitest';
import { setUp } from './harness.ts';

const files = {
  'ann/Qwen3-1.7B-rkllm/qwen3-w8a8-rk3588.rkllm': { sizeBytes: 2000, seed: 1 },
  'ann/Qwen3-1.7B-rkllm/qwen3-w4a16-rk3576.rkllm': { sizeBytes: 1000, seed: 2 },
  'bob/Qwen3-rk3576-rkllm/model.rkllm': { sizeBytes: 1000, seed: 3 },
  'bob/Qwen3-tagged/qwen3-rk3588.rkllm': { sizeBytes: 50_000, seed: 4 },
  'eve/Qwen3-GGUF/qwen3.gguf': 'not for us',
  'eve/Llama-rkllm/llama-rk3588.rkllm': { sizeBytes: 10, seed: 5 },
};

describe('a search of the hub', () => {
  it('lists the files that fit this board, with what pull takes', async () => {
    const { puller } = await setUp({ files });
    const results = await puller.search('qwen3', { memoryBytes: 10_000 });
    expect(results).toEqual([
      {
        reference: 'ann/Qwen3-1.7B-rkllm/qwen3-w8a8-rk3588.rkllm',
        repository: 'ann/Qwen3-1.7B-rkllm',
        file: 'qwen3-w8a8-rk3588.rkllm',
        sizeBytes: 2000,
        platform: 'RK3588',
        misfit: null,
        downloads: 120,
        likes: 3,
        gated: false,
        updatedAt: '2025-06-01T12:00:00.000Z',
      },
    ]);
  });

  it('tells on request what does not fit, and why', async () => {
    const { puller } = await setUp({ files });
    const results = await puller.search('qwen3', { memoryBytes: 10_000, includeMisfits: true });
    const reasons = results.map(({ reference, misfit }) => [reference, misfit]);
    expect(Object.fromEntries(reasons)).toEqual({
      'ann/Qwen3-1.7B-rkllm/qwen3-w8a8-rk3588.rkllm': null,
      'ann/Qwen3-1.7B-rkllm/qwen3-w4a16-rk3576.rkllm': 'for RK3576',
      'bob/Qwen3-rk3576-rkllm/model.rkllm': 'for RK3576',
      'bob/Qwen3-tagged/qwen3-rk3588.rkllm': 'needs more memory than this board has',
    });
  });

  it('lists what the hub calls rkllm when nothing is asked for', async () => {
    const { puller } = await setUp({ files });
    expect((await puller.search('')).length).toBe(3);
  });

  it('says so when the hub does not answer', async () => {
    const { puller } = await setUp({ files, faults: () => ({ status: 503 }) });
    await expect(puller.search('qwen3')).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/^(?!.*has arrived).* answered 503\. Try again later\.$/),
    });
  });
});
