import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ask, collect, isAlive, Models, script, untilGone } from './models.ts';

const models = new Models(['1.1.4', '1.3.1']);

describe('a worker', () => {
  it.concurrent.for([
    ['in the middle of a run', ''],
    ['while the library hangs', 'hang@3'],
    ['while the library hangs in its load', 'init-hang'],
  ])('leaves when its parent is gone, %s', async ([, fault = ''], { expect, onTestFinished }) => {
    const path = await models.board.model({ script });
    const parent = fork(
      fileURLToPath(new URL('./orphan-parent.ts', import.meta.url)),
      [models.board.library('1.3.1'), '1.3.1', path],
      { env: { PATH: process.env['PATH'], RKLLM_SIM_FAULT: fault, RKLLM_SIM_DECODE_MS: '2' } },
    );
    const [message]: unknown[] = await once(parent, 'message');
    const pid = Number(message);
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await untilGone(pid);
  });

  it('knows no secret of the daemon', async () => {
    const { model } = await models.load({
      environment: { HF_TOKEN: 'hf_secret', RKLLAMA_API_KEYS: 'key', RKLLM_LOG_LEVEL: '2' },
    });
    const environment = readFileSync(`/proc/${model.pid}/environ`, 'utf8').split('\0');
    expect(environment.some((line) => line.startsWith('RKLLM_SIM_CALLS='))).toBe(true);
    expect(environment.join('\n')).not.toMatch(/hf_secret|HF_TOKEN|RKLLAMA_API_KEYS/);
    expect(environment).toContain('RKLLM_LOG_LEVEL=0');
  });

  it('hands on what the library logs, and never a prompt', async () => {
    const { model, records } = await models.load({
      version: '1.1.4',
      simulate: { FAULT: 'old-driver,stderr-noise' },
    });
    await collect(model.run(ask('my secret question')));
    expect(records).toContainEqual({
      level: 'warn',
      source: 'rkllm',
      message: expect.stringContaining('driver version is too low'),
    });
    expect(JSON.stringify(records)).not.toMatch(/secret question|one two|noise/);
  });

  it('calls the other functions of the runtime', async () => {
    const { model, received } = await models.load({ params: { crossAttention: true } });
    const lora = await models.board.model({ kind: 'lora' });
    const cache = models.board.fresh('cache.bin');
    await collect(model.run(ask('hi', { options: { savePromptCache: cache } })));
    expect(existsSync(cache)).toBe(true);
    const [entries] = [await model.call({ method: 'kvCacheSizes' })].flat();
    expect(entries).toBeGreaterThan(3);
    const floats = new Float32Array(4);
    const positions = new Int32Array(4);
    const answers = [
      await model.call({ method: 'loadPromptCache', path: cache }),
      await model.call({ method: 'loadPromptCache', path: '/gone' }),
      await model.call({ method: 'releasePromptCache' }),
      await model.call({ method: 'loadLora', path: lora, name: 'style', scale: 0.5 }),
      await model.call({ method: 'clearKvCache', keepSystemPrompt: true }),
      await model.call({ method: 'setChatTemplate', system: '', prefix: 'a', postfix: 'b' }),
      await model.call({ method: 'setFunctionTools', system: '', tools: '[]', responseTag: '' }),
      await model.call({
        method: 'setCrossAttention',
        keys: floats,
        values: floats,
        mask: floats,
        positions,
        tokens: 4,
      }),
    ];
    expect(answers).toEqual([0, -1, 0, 0, 0, 0, 0, 0]);
    expect(await received('rkllm_clear_kv_cache')).toMatchObject([
      { args: { keep_system_prompt: 1 } },
    ]);
    const styled = await collect(model.run(ask('hi', { options: { lora: 'style' } })));
    expect(styled.finished.ending).toBe('end');
  });

  it('refuses what its runtime does not have, in words', async () => {
    const { model } = await models.load({ version: '1.1.4' });
    await expect(model.call({ method: 'clearKvCache' })).rejects.toThrow(/does not exist in ABI A/);
    await expect(model.call({ method: 'loadPromptCache', path: 'a\0b' })).rejects.toThrow(/NUL/);
    expect((await collect(model.run(ask('hi')))).text).toBe('one two three');
  });
});
