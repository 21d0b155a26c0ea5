import { describe, expect, it, onTestFinished } from 'vitest';
import { startHub } from '../../support/hub/index.ts';
import { collect, megabyte, modelPath, oneModel, setUp, untilReceived } from './harness.ts';

const reference = 'user/repo/model-rk3588.rkllm';
const types = async (events: Parameters<typeof collect>[0]) =>
  (await collect(events)).map(({ type }) => type);

describe('a puller that is told of other hubs', () => {
  it('takes the next pulls from there', async () => {
    const { hub, puller } = await setUp({ files: {} });
    await expect(collect(puller.pull(reference))).rejects.toThrow(/user\/repo/);
    const other = await startHub({ files: oneModel });
    onTestFinished(() => other.close());
    puller.useHubs({ endpoint: other.url, modelScopeEndpoint: hub.url });
    expect((await types(puller.pull(reference))).at(-1)).toBe('done');
  });

  it('uses a token that it is given later', async () => {
    const { hub, puller } = await setUp({ gated: ['user/repo'], token: 'hf_secret' });
    await expect(collect(puller.pull(reference))).rejects.toThrow(/token/i);
    puller.useHubs({ endpoint: hub.url, modelScopeEndpoint: hub.url, token: 'hf_secret' });
    expect((await types(puller.pull(reference))).at(-1)).toBe('done');
  });

  it('lets a pull that runs end as it began', async () => {
    const { puller } = await setUp({
      files: { [modelPath]: { sizeBytes: 8 * megabyte, seed: 7 } },
    });
    await untilReceived(puller.pull(reference), 1);
    puller.useHubs({ endpoint: 'http://127.0.0.1:9', modelScopeEndpoint: 'http://127.0.0.1:9' });
    await expect.poll(() => puller.pulls(), { timeout: 10_000 }).toEqual([]);
  });
});
