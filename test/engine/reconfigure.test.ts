import { describe, expect, it } from 'vitest';
import { ApplianceError } from '../../src/errors.ts';
import { simulator } from '../e2e/board.ts';
import { collect, Rig } from './rig.ts';

const library = await simulator('1.3.1');

const minute = 60_000;
const live = { queueLimit: 100, keepAliveMs: minute, pinned: [] };

describe('a running engine whose settings change', () => {
  it('gives the new keep-alive to models that are loaded', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: minute });
    await rig.engine.load('model');
    await rig.engine.reconfigure({ ...live, keepAliveMs: 10 * minute });
    const { expiresAt } = rig.engine.loaded()[0] ?? {};
    expect(Number(expiresAt)).toBeGreaterThan(Date.now() + 9 * minute);
    await rig.engine.reconfigure({ ...live, keepAliveMs: 0 });
    await expect.poll(() => rig.engine.loaded()).toEqual([]);
  });

  it('keeps a model for as long as its own requests said', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: minute });
    await rig.engine.load('model', 60 * minute);
    await rig.engine.reconfigure({ ...live, keepAliveMs: 0 });
    const { expiresAt } = rig.engine.loaded()[0] ?? {};
    expect(Number(expiresAt)).toBeGreaterThan(Date.now() + 50 * minute);
  });

  it('lets a model that is in use finish first', async () => {
    await using rig = await Rig.start({ library, keepAliveMs: minute });
    await rig.engine.load('model');
    const generation = await rig.generate('how are you?');
    await rig.engine.reconfigure({ ...live, keepAliveMs: 0 });
    expect(rig.engine.loaded()).toHaveLength(1);
    expect((await collect(generation)).text).toBe('I am fine.');
    await expect.poll(() => rig.engine.loaded()).toEqual([]);
  });

  it('loads what is newly pinned, and lets go what is no longer', async () => {
    const models = { 'a.rkllm': {}, 'b.rkllm': {} };
    await using rig = await Rig.start({ library, models, keepAliveMs: minute, pinned: ['a'] });
    await rig.engine.start();
    expect(rig.engine.loaded()).toMatchObject([{ name: 'a.rkllm', expiresAt: null }]);
    await rig.engine.reconfigure({ ...live, pinned: ['b'] });
    const [a, b] = rig.engine.loaded();
    expect(a).toMatchObject({ name: 'a.rkllm', pinned: false });
    expect(a?.expiresAt).toBeInstanceOf(Date);
    expect(b).toMatchObject({ name: 'b.rkllm', pinned: true, expiresAt: null });
  });

  it('refuses one more than the new limit of the queue', async () => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    const aborting = new AbortController();
    await rig.generate('for ever', aborting.signal);
    await rig.generate('for ever', aborting.signal);
    await rig.engine.reconfigure({ ...live, queueLimit: 1 });
    const refused = await rig.generate('how are you?').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApplianceError);
    expect(refused).toMatchObject({ code: 'queue_full' });
    aborting.abort();
  });
});

describe('an engine whose worker does not go', () => {
  it('counts how long, from the moment that it should', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    expect(rig.engine.leavingMs).toBe(0);
    process.kill(pid ?? 0, 'SIGSTOP');
    const gone = rig.engine.unload('model');
    await expect.poll(() => rig.engine.leavingMs).toBeGreaterThan(50);
    process.kill(pid ?? 0, 'SIGCONT');
    await gone;
    expect(rig.engine.leavingMs).toBe(0);
  });
});
