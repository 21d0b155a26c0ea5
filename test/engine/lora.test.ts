import { describe, expect, it } from 'vitest';
import { simulator } from '../e2e/board.ts';
import { asking, Rig } from './rig.ts';

const library = await simulator('1.3.1');

const models = {
  'tuned/model.rkllm': {},
  'tuned/pirate.rkllm': { kind: 'lora' },
} as const;

describe('a LoRA file beside a model', () => {
  it('is loaded with it, and used by the requests that name it', async () => {
    await using rig = await Rig.start({ library, models });
    await rig.engine.load('tuned');
    await rig.ask('Hello!');
    expect((await rig.ask({ ...asking('Ahoy!'), lora: 'pirate' })).text).toBe('Ahoy!');
    const [load] = await rig.calls('rkllm_load_lora');
    expect(JSON.stringify(load?.args)).toContain('pirate');
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => JSON.stringify(args));
    expect(runs.map((run) => run.includes('"pirate"'))).toEqual([false, true]);
  });

  it('that is not there is an error that lists the ones that are', async () => {
    await using rig = await Rig.start({ library, models });
    await rig.engine.load('tuned');
    await expect(rig.ask({ ...asking('Ahoy!'), lora: 'nobody' })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('pirate'),
    });
  });
});

describe('a model whose Modelfile says ADAPTER', () => {
  const modelfiles = { 'tuned/Modelfile': 'FROM model.rkllm\nADAPTER pirate.rkllm' };

  it('answers and embeds with that adapter', async () => {
    await using rig = await Rig.start({ library, models, modelfiles });
    await rig.engine.load('tuned');
    expect((await rig.ask('Ahoy!')).text).toBe('Ahoy!');
    const { signal } = new AbortController();
    await rig.engine.embed({ model: 'tuned', inputs: ['Ahoy!'] }, signal);
    const runs = (await rig.calls('rkllm_run')).map(({ args }) => JSON.stringify(args));
    expect(runs.map((run) => run.includes('"pirate"'))).toEqual([true, true]);
  });

  it('does not answer without it', async () => {
    const other = {
      ...models,
      'tuned/pirate.rkllm': { kind: 'lora', architecture: 'llama' },
    } as const;
    await using rig = await Rig.start({ library, models: other, modelfiles });
    await expect(rig.engine.load('tuned')).rejects.toMatchObject({
      code: 'load_failed',
      message: expect.stringContaining('refused its LoRA adapter pirate.rkllm'),
    });
  });
});
