import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChatMessage } from '../../src/engine/index.ts';
import { PrefixKeeper } from '../../src/engine/prefix/index.ts';
import { ModelProcess } from '../../src/rkllm/index.ts';
import { simulator } from '../e2e/board.ts';
import { Rig } from './rig.ts';

const library = await simulator('1.3.1');
afterEach(() => {
  vi.restoreAllMocks();
});

const conversation: ChatMessage[] = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi.' },
  { role: 'user', content: 'how are you?' },
];

/** Has `happen` done when a worker has been made ready for a run that has yet to begin, once. */
function whenPrepared(happen: () => Promise<unknown>): void {
  const { prepare } = PrefixKeeper.prototype;
  vi.spyOn(PrefixKeeper.prototype, 'prepare').mockImplementationOnce(async function (
    this: PrefixKeeper,
    ...given
  ) {
    await prepare.apply(this, given);
    await happen();
  });
}

describe('while a run is prepared', () => {
  it('a worker may die: the one after it gets the prompt without a second template', async () => {
    await using rig = await Rig.start({ library });
    const { pid } = await rig.engine.load('model');
    whenPrepared(async () => {
      process.kill(pid ?? 0, 'SIGKILL');
      await expect.poll(() => rig.engine.current()?.state).toBe('crashed');
    });
    expect((await rig.ask({ messages: conversation })).text).toBe('I am fine.');
    const switched = (await rig.calls('rkllm_set_chat_template')).map((call) => call.pid);
    expect(switched).toContain(rig.engine.current()?.pid);
  });

  it.each([
    ['an answer', (rig: Rig, signal: AbortSignal) => rig.ask('how are you?', signal)],
    [
      'vectors',
      (rig: Rig, signal: AbortSignal) =>
        rig.engine.embed({ model: 'model', inputs: ['one', 'two'] }, signal),
    ],
  ])('whoever wants %s may leave: nothing is read for nobody', async (_, want) => {
    await using rig = await Rig.start({ library });
    await rig.engine.load('model');
    const leaving = new AbortController();
    whenPrepared(async () => leaving.abort(new Error('The client has left.')));
    await want(rig, leaving.signal).catch(() => {});
    expect(await rig.calls('rkllm_run')).toEqual([]);
    expect((await rig.ask('how are you?')).text).toBe('I am fine.');
  });
});

describe('a worker that is killed and does not end', () => {
  it('is told of by the engine until it has', async () => {
    await using rig = await Rig.start({
      library,
      simulator: { RKLLM_SIM_FAULT: 'hang-prefill' },
      silenceLimits: { prefillMs: 200, prefillMsPerCharacter: 0, decodeMs: 60_000 },
    });
    const { pid } = await rig.engine.load('model');
    // As when the driver holds it.
    const kill = vi.spyOn(ModelProcess.prototype, 'kill').mockImplementation(() => {});
    const answered = rig.ask('how are you?');
    answered.catch(() => {});
    await expect.poll(() => kill.mock.calls.length).toBe(1);
    await expect.poll(() => rig.engine.leavingMs).toBeGreaterThan(100);
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(answered).rejects.toMatchObject({ code: 'runtime_failed' });
    expect(rig.engine.leavingMs).toBe(0);
  });
});
