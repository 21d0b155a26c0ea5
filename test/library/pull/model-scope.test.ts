import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect, filesIn, modelPath, oneModel, setUp, sha256Of } from './harness.ts';

describe('a pull from ModelScope', () => {
  it('uses its layout and the tokenizer of the base model that the card names', async () => {
    const { hub, folder, puller } = await setUp({
      files: {
        ...oneModel,
        'user/repo/README.md': '---\nbase_model:\n- base/model\n---',
        'base/model/tokenizer.json': '{}',
      },
    });
    await collect(puller.pull(`modelscope/${modelPath}`));
    const landed = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm');
    expect(await sha256Of(landed)).toBe(hub.sha256(modelPath));
    expect(await filesIn(folder)).toContain('model-rk3588/tokenizer/tokenizer.json');
    const own = hub.requests.filter(({ kind }) => kind !== 'content');
    for (const request of own) {
      expect(request.path).toMatch(/^\/(api\/v1\/models|models)\/(user\/repo|base\/model)\//);
    }
  });

  it('chooses the file for this board', async () => {
    const { folder, puller } = await setUp();
    await collect(puller.pull('modelscope/user/repo'));
    expect(await filesIn(folder)).toContain('model-rk3588/model-rk3588.rkllm');
  });

  it('never sends the Hugging Face token', async () => {
    const { hub, restart } = await setUp();
    const other = await restart({ endpoint: 'https://huggingface.co', token: 'hf_secret' });
    await collect(other.pull(`modelscope/${modelPath}`));
    for (const { headers } of hub.requests) expect(headers['authorization']).toBeUndefined();
  });

  it('says what is missing', async () => {
    const { puller } = await setUp();
    await expect(collect(puller.pull('modelscope/user/repo/other.rkllm'))).rejects.toMatchObject({
      code: 'model_not_found',
    });
  });
});
