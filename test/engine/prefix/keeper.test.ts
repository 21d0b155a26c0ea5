import { execFile } from 'node:child_process';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { ChatMessage } from '../../../src/engine/index.ts';
import { simulator } from '../../e2e/board.ts';
import { assistant, longText, PrefixBoard, type Running, spec, system, user } from './board.ts';

const versions = ['1.1.4', '1.2.0', '1.2.3', '1.3.0', '1.3.1'] as const;
type Version = (typeof versions)[number];

const boardOf = async (version: Version = '1.3.1', learns = false) =>
  PrefixBoard.create({ library: await simulator(version), learns });

/** Tokens of a short turn at most, and of a long text at least. */
const few = 40;
const whole = 150;

/** A conversation that remembers itself. */
class Talk {
  readonly messages: ChatMessage[] = [];

  constructor(...messages: ChatMessage[]) {
    this.messages.push(...messages);
  }

  /** Prompt tokens that were computed for the next turn. */
  async say(running: Running, text: string): Promise<number> {
    this.messages.push(user(text));
    const { usage, text: reply } = await running.ask(this.messages);
    expect(reply).toBe(text);
    this.messages.push(assistant(reply));
    return (usage.promptTokens ?? Number.NaN) - (usage.cachedTokens ?? Number.NaN);
  }
}

describe.concurrent.each(versions.slice(1))('what was computed once (%s)', (version) => {
  it('is not computed again after a restart, on a board that has yet to learn', async () => {
    await using board = await boardOf(version, true);
    const talk = new Talk();
    {
      await using running = await board.start();
      expect(await talk.say(running, longText('a', 60))).toBeGreaterThan(whole);
    }
    await using running = await board.start();
    expect(await talk.say(running, 'hello')).toBeLessThan(few);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 1, misses: 0, failures: 0 });
  });

  it('is not computed again when two conversations take turns', async () => {
    await using board = await boardOf(version);
    await using running = await board.start();
    const talks = ['a', 'b'].map((name) => new Talk(system(longText(name, 40))));
    for (const talk of talks) await talk.say(running, longText('x', 10));
    for (let turn = 0; turn < 3; turn++) {
      for (const talk of talks) expect(await talk.say(running, `turn ${turn}`)).toBeLessThan(whole);
    }
    expect(running.engine.prefixStats().hits).toBeGreaterThan(4);
  });
});

describe.concurrent('what is in memory', () => {
  it('is used as it is: one conversation loads no file', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const talk = new Talk();
    await talk.say(running, longText('a', 40));
    for (let turn = 0; turn < 4; turn++) {
      expect(await talk.say(running, `turn ${turn}`)).toBeLessThan(few);
    }
    expect(await running.calls('rkllm_load_prompt_cache')).toBe(0);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 0, tokensFromFiles: 0 });
    expect(running.engine.prefixStats().tokensFromMemory).toBeGreaterThan(400);
  });

  it('is saved while nobody waits, after the answer', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    await new Talk().say(running, longText('a', 60));
    expect(running.engine.prefixStats().saves).toBe(0);
    expect(await running.saved(1)).toBe(1);
  });

  it('is gone with its worker, and comes back from its file', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const talk = new Talk();
    await talk.say(running, longText('a', 60));
    await running.saved(1);
    const [loaded] = running.engine.loaded();
    process.kill(loaded?.pid ?? 0, 'SIGKILL');
    while (running.engine.loaded()[0]?.state !== 'crashed') await sleep(10);
    expect(await talk.say(running, 'hello')).toBeLessThan(few);
  });

  it('is not what it was after an embedding', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const talk = new Talk();
    await talk.say(running, longText('a', 60));
    await running.saved(1);
    const { signal } = new AbortController();
    await running.engine.embed({ model: 'm', inputs: ['hello'] }, signal);
    expect(await talk.say(running, 'hello')).toBeLessThan(few);
    expect(running.engine.prefixStats().hits).toBe(1);
  });

  it('is known after an answer of several runs, too', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const question = user(longText('a', 60));
    const schema = {
      type: 'object',
      properties: { colour: { enum: ['red'] }, name: { type: 'string', maxLength: 4 } },
      required: ['colour', 'name'],
      additionalProperties: false,
    };
    const { text, guided } = await running.ask([question], { format: { type: 'schema', schema } });
    expect(JSON.parse(text)).toMatchObject({ colour: 'red' });
    expect(guided?.continuations).toBeGreaterThan(0);
    expect(await running.saved(1)).toBe(1);
    const [{ pid } = { pid: null }] = running.engine.loaded();
    process.kill(pid ?? 0, 'SIGKILL');
    while (running.engine.loaded()[0]?.state !== 'crashed') await sleep(10);
    // What the guide adds to the system message is not in the prompt of a free answer.
    const again = await running.ask([question], { format: { type: 'schema', schema } });
    expect(again.usage.cachedTokens).toBeGreaterThan(whole);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 1, failures: 0 });
  });

  it('is left alone while the runtime keeps the conversation itself', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const saves = running.engine.prefixStats().saves;
    await running.ask([user(longText('a', 60))], { keepHistory: true });
    await sleep(600);
    const { usage } = await running.ask([user('hello')], { keepHistory: true });
    expect(usage.cachedTokens).not.toBeNull();
    expect(running.engine.prefixStats().saves).toBe(saves);
    expect(await running.calls('rkllm_load_prompt_cache')).toBe(0);
  });
});

describe.concurrent('a system prompt', () => {
  it('that is in memory lets its next conversation go first', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const instructions = system(longText('s', 300));
    await running.engine.load('m');
    const order: string[] = [];
    const ask = async (name: string, messages: ChatMessage[]) => {
      await running.ask(messages);
      order.push(name);
    };
    const first = ask('first', [instructions, user('hello')]);
    await Promise.all([
      first,
      ask('stranger', [user('hello')]),
      ask('familiar', [instructions, user('and says')]),
    ]);
    expect(order).toEqual(['first', 'familiar', 'stranger']);
  });

  it('is computed once for all conversations, and its file is given up last', async () => {
    await using board = await boardOf();
    const instructions = system(longText('s', 80));
    {
      await using running = await board.start();
      await new Talk(instructions).say(running, 'hello');
      await running.saved(1);
      expect(await new Talk(instructions).say(running, longText('z', 30))).toBeLessThan(whole);
      await new Talk(system(longText('other', 80))).say(running, 'hello');
    }
    await using running = await board.start();
    expect(await new Talk(instructions).say(running, 'and you, fox?')).toBeLessThan(few);
    expect(running.engine.prefixStats().hits).toBe(1);
  });

  it('gets a file of its own where the only one that has it is much longer', async () => {
    await using board = await boardOf();
    const instructions = system(longText('s', 80));
    await using running = await board.start();
    await new Talk(instructions).say(running, longText('l', 180));
    await running.saved(1);
    await new Talk(instructions).say(running, longText('k', 120));
    await running.saved(2);
    expect((await board.files('.kv')).length).toBeGreaterThan(1);
    expect(running.engine.prefixStats().failures).toBe(0);
  });
});

describe.concurrent('a file', () => {
  it.each<[string, (board: PrefixBoard) => Promise<unknown>]>([
    ['another model file', (board) => board.writeModel({ ...spec, text: `${spec.text} again` })],
    ['a model file with another time', (board) => utimes(board.modelPath, 1, 1)],
  ])('is deleted and not used with %s', async (_, change) => {
    await using board = await boardOf();
    const question = user(longText('a', 60));
    {
      await using running = await board.start();
      await running.ask([question]);
      await running.saved(1);
    }
    expect(await board.files('.kv')).toHaveLength(1);
    await change(board);
    await using running = await board.start({ keepAliveMs: 60_000 });
    expect(await running.computed([question])).toBeGreaterThan(whole);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 0, entries: 0, failures: 0 });
    expect(await board.files('.kv')).toEqual([]);
  });

  it('is not used with another runtime', async () => {
    await using board = await boardOf('1.3.0');
    const question = user(longText('a', 60));
    {
      await using running = await board.start();
      await running.ask([question]);
      await running.saved(1);
    }
    board.replaceRuntime(await simulator('1.3.1'));
    await using running = await board.start();
    expect(await running.computed([question])).toBeGreaterThan(whole);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 0, entries: 0, failures: 0 });
  });

  it('is not used with another context length', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    const question = user(longText('a', 60));
    await running.ask([question]);
    await running.saved(1);
    expect(await running.computed([question], { contextLength: 4096 })).toBeGreaterThan(whole);
    expect(running.engine.prefixStats().hits).toBe(0);
  });

  it('that the runtime refuses is deleted, and the prompt computed', async () => {
    await using board = await boardOf();
    const question = user(longText('a', 60));
    await using running = await board.start();
    await running.ask([question]);
    await running.saved(1);
    // The content was checked when it was saved; what is there now only the runtime finds out.
    for (const file of await board.files('.kv')) await board.overwrite(file);
    await running.ask([user(longText('b', 60))]);
    expect(await running.computed([question])).toBeGreaterThan(whole);
    expect(running.engine.prefixStats()).toMatchObject({ hits: 0, failures: 1 });
    expect(running.log.join()).toMatch(/deleted/);
  });
});

describe.concurrent('a board', () => {
  it('that cannot write goes on without files', async () => {
    await using board = await boardOf();
    await using running = await board.start();
    await running.ask([user('hello')]);
    const [loaded] = running.engine.loaded();
    // As on a full disk, a write ends in the middle.
    await promisify(execFile)('prlimit', ['--pid', `${loaded?.pid}`, '--fsize=100:unlimited']);
    for (const failures of [1, 2, 2]) {
      const talk = new Talk();
      await talk.say(running, longText(`${failures}`, 20));
      await vi.waitFor(() => expect(running.engine.prefixStats().failures).toBe(failures), {
        timeout: 30_000,
      });
      expect(await talk.say(running, 'hello')).toBeLessThan(whole);
    }
    await sleep(800);
    expect(running.engine.prefixStats()).toMatchObject({ saves: 0, entries: 0, failures: 2 });
    expect(await board.files('.part')).toEqual([]);
    expect(running.log.join()).toMatch(/could not be saved.*until it is loaded again/s);
  });

  it('without a folder for them goes on without files', async () => {
    await using board = await boardOf();
    await using running = await board.start({
      prefixes: { folder: join(board.modelPath, 'cache'), budgetBytes: null },
    });
    const talk = new Talk();
    await talk.say(running, longText('a', 60));
    expect(await talk.say(running, 'hello')).toBeLessThan(few);
    expect(running.engine.prefixStats().off).toMatch(/cannot be used/);
  });

  it('with a runtime of before 1.2.0 keeps no files', async () => {
    await using board = await boardOf('1.1.4');
    {
      await using running = await board.start();
      const talk = new Talk();
      expect(await talk.say(running, longText('a', 60))).toBeGreaterThan(whole);
      expect(await talk.say(running, 'hello')).toBeGreaterThan(whole);
    }
    await using running = await board.start();
    expect(await board.files('.kv')).toEqual([]);
    expect(await running.calls('rkllm_run')).toBe(2);
  });

  it('on which it is switched off touches no disk', async () => {
    await using board = await boardOf();
    {
      await using running = await board.start({
        prefixes: { folder: board.cache, budgetBytes: 0 },
      });
      await new Talk().say(running, longText('a', 60));
      expect(running.engine.prefixStats()).toMatchObject({ off: 'switched off', entries: 0 });
    }
    await expect(stat(board.cache)).rejects.toThrow('ENOENT');
  });

  it('keeps within its budget, and gives up what was not used for longest', async () => {
    await using board = await boardOf();
    const question = (name: string) => user(longText(name, 60));
    {
      await using running = await board.start();
      for (const name of ['a', 'b', 'c']) {
        await running.ask([question(name)]);
        await running.saved(running.engine.prefixStats().saves + 1);
      }
    }
    // No room for a fourth.
    const prefixes = { folder: board.cache, budgetBytes: 6000 };
    await using running = await board.start({ prefixes });
    await running.ask([question('a')]);
    await running.ask([question('d')]);
    await running.saved(1);
    const { bytes, evictions } = running.engine.prefixStats();
    expect(bytes).toBeLessThanOrEqual(6000);
    expect(evictions).toBeGreaterThan(0);
    expect(await running.computed([question('b')])).toBeGreaterThan(whole);
    expect(await running.computed([question('a')])).toBeLessThan(few);
  });

  it('shares no folder between two daemons', async () => {
    await using board = await boardOf();
    await using first = await board.start();
    await using second = await board.start();
    await new Talk().say(second, longText('a', 60));
    expect(second.engine.prefixStats().off).toMatch(`process ${process.pid}`);
    await new Talk().say(first, longText('a', 60));
    expect(await first.saved(1)).toBe(1);
    expect(second.engine.prefixStats().saves).toBe(0);
  });
});

describe('an adapter', () => {
  it('does not find in memory, nor in files, what was computed without it', async () => {
    await using board = await boardOf();
    await board.addAdapter('style');
    await using running = await board.start();
    const question = user(longText('a', 60));
    await running.ask([question]);
    await running.saved(1);
    expect(await running.computed([question], { lora: 'style' })).toBeGreaterThan(whole);
    expect(await running.computed([question], { lora: 'style' })).toBeLessThan(2);
    expect(await running.computed([question])).toBeLessThan(few);
  });
});
