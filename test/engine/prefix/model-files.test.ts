import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PrefixStore } from '../../../src/engine/prefix/index.ts';
import { ModelProcess } from '../../../src/rkllm/index.ts';
import { simulator } from '../../e2e/board.ts';
import { assistant, longText, PrefixBoard, type Running, user } from './board.ts';

const library = await simulator('1.3.1');
afterEach(() => {
  vi.restoreAllMocks();
});

/** Longer than the longest rest before a save with these costs. */
const rest = () => sleep(800);
const pidOf = (running: Running) => running.engine.loaded()[0]?.pid ?? 0;

async function crashed(running: Running): Promise<void> {
  await expect.poll(() => running.engine.loaded()[0]?.state).toBe('crashed');
}

/** Has `after` done when the store has made room for a file. */
function whenSaving(after: (part: string | null) => Promise<string | null>) {
  const { begin } = PrefixStore.prototype;
  return vi.spyOn(PrefixStore.prototype, 'begin').mockImplementation(async function (
    this: PrefixStore,
    ...given
  ) {
    return after(await begin.apply(this, given));
  });
}

describe('a save', () => {
  it('that ends the worker with it is tried no third time', async () => {
    await using board = await PrefixBoard.create({ library });
    await using running = await board.start();
    const saving = whenSaving(async (part) => {
      process.kill(pidOf(running), 'SIGKILL');
      return part;
    });
    for (const failures of [1, 2]) {
      await running.ask([user(longText(`q${failures}`, 60))]);
      await crashed(running);
      await vi.waitFor(() => expect(running.engine.prefixStats().failures).toBe(failures), {
        timeout: 30_000,
      });
    }
    await running.ask([user(longText('q3', 60))]);
    await rest();
    expect(saving).toHaveBeenCalledTimes(2);
    expect(running.engine.loaded()).toMatchObject([{ state: 'ready' }]);
    expect(await board.files('.part')).toEqual([]);
  });

  it('for which there is no room leaves in memory what is there', async () => {
    await using board = await PrefixBoard.create({ library });
    await using running = await board.start();
    const messages = [user(longText('a', 60))];
    const first = await running.ask(messages);
    await running.saved(1);
    const saving = whenSaving(async () => null);
    messages.push(assistant(first.text), user(longText('b', 60)));
    const second = await running.ask(messages);
    await vi.waitFor(() => expect(saving).toHaveBeenCalled(), { timeout: 30_000 });
    messages.push(assistant(second.text), user('hello'));
    expect(await running.computed(messages)).toBeLessThan(40);
    expect(await running.calls('rkllm_load_prompt_cache')).toBe(0);
  });

  it('that finds its folder unusable is a failure, and not one in every answer', async () => {
    await using board = await PrefixBoard.create({ library });
    await using running = await board.start();
    whenSaving(() => Promise.reject(new Error('EROFS: read-only file system')));
    for (const failures of [1, 2, 2]) {
      await running.ask([user(longText(`q${failures}`, 60))]);
      await vi.waitFor(() => expect(running.engine.prefixStats().failures).toBe(failures), {
        timeout: 30_000,
      });
    }
    expect(await running.computed([user(longText('q2', 60))])).toBeLessThan(40);
  });

  it('is not made of a worker that has died meanwhile', async () => {
    await using board = await PrefixBoard.create({ library });
    await using running = await board.start();
    const saving = whenSaving(async (part) => part);
    await running.ask([user(longText('a', 60))]);
    process.kill(pidOf(running), 'SIGKILL');
    await crashed(running);
    await rest();
    expect(saving).not.toHaveBeenCalled();
  });

  it('is not made of a worker that is being unloaded', async () => {
    await using board = await PrefixBoard.create({
      library,
      simulator: { RKLLM_SIM_DECODE_MS: '50' },
    });
    await using running = await board.start();
    const saving = whenSaving(async (part) => part);
    const { unload } = ModelProcess.prototype;
    // A runtime that takes its time to give the model back.
    vi.spyOn(ModelProcess.prototype, 'unload').mockImplementation(async function (
      this: ModelProcess,
    ) {
      await rest();
      return unload.apply(this);
    });
    const leaving = new AbortController();
    const request = { model: 'm', messages: [user(longText('a', 60))] };
    const { events } = await running.engine.generate(request, leaving.signal);
    for await (const _ of events) {
      if (!leaving.signal.aborted) void running.engine.unload();
      leaving.abort();
    }
    await rest();
    expect(saving).not.toHaveBeenCalled();
    expect(running.log).toEqual([]);
  });
});
