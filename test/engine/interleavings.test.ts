import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { ApplianceError } from '../../src/errors.ts';
import { simulator } from '../e2e/board.ts';
import { randomFrom } from '../support/random.ts';
import { asking, isAlive, Rig } from './rig.ts';

/**
 * Whatever order things happen in: nothing gets stuck, nothing is leaked, nobody gets an answer
 * that is not his. `INTERLEAVING_SEED=7 npx vitest run test/engine/interleavings.test.ts` replays one.
 */

const steps = 100;
const replay = process.env['INTERLEAVING_SEED'];
const seeds = replay === undefined ? Array.from({ length: 5 }, (_, i) => i + 1) : [Number(replay)];

const names = ['a', 'b', 'c'] as const;
/** `all` takes every domain but two, so that it loads only where none was leaked. */
const models: Record<string, ModelFileSpec> = {
  'a.rkllm': {},
  'b.rkllm': {},
  'c.rkllm': {},
  'all.rkllm': { sizeBytes: 13 * 4 * 2 ** 30 },
};
/** What may become of a request when others unload, evict and kill; nothing else may. */
const expectedCodes = new Set([
  'model_unloaded',
  'runtime_crashed',
  'load_failed',
  'model_not_loaded',
  'insufficient_memory',
]);

const library = await simulator('1.3.1');

class Left extends Error {}

/** Everything that happens to one engine in one seed. */
class Players {
  readonly rig: Rig;
  readonly #random: () => number;
  readonly #memory: { bytes: number | null };
  readonly #going = new Set<Promise<unknown>>();
  readonly story: string[] = [];
  readonly wrong: string[] = [];
  /** How often each thing came out. */
  readonly outcomes: Record<string, number> = {};
  #questions = 0;

  constructor(rig: Rig, random: () => number, memory: { bytes: number | null }) {
    this.rig = rig;
    this.#random = random;
    this.#memory = memory;
  }

  /** Begins the next thing, and sometimes waits for some of what goes on. */
  async step(): Promise<void> {
    const model = this.#oneOf(names);
    const action = this.#oneOf(this.#actions);
    this.story.push(`${action.name} ${model}`);
    const going = action.call(this, model).catch((error: unknown) => this.#judge(error));
    this.#going.add(going);
    void going.finally(() => this.#going.delete(going));
    const pace = this.#random();
    if (pace < 0.4) await sleep(Math.floor(this.#random() * 15));
    else if (pace < 0.44) await this.settled();
  }

  /** Resolves when all of it is over; the test's time limit is the limit. */
  async settled(): Promise<void> {
    await Promise.all(this.#going);
  }

  get #actions(): ((model: string) => Promise<unknown>)[] {
    return [
      ...[this.generate, this.generate, this.generate, this.generate, this.askLoaded],
      ...[this.abort, this.abort, this.abort, this.abandon, this.leaveEarly, this.leaveEarly],
      ...[this.embed, this.embed, this.load, this.askOnce, this.lengthen],
      ...[this.unload, this.unloadAll, this.memory, this.crash],
    ];
  }

  load(model: string) {
    return this.rig.engine.load(model);
  }

  async generate(model: string, extra: object = {}) {
    const question = this.#question(model);
    const answer = await this.rig.ask({ ...asking(question), model, ...extra });
    const whole = answer.finishReason === 'stop';
    const isRight = whole ? answer.text === question : question.startsWith(answer.text);
    if (!isRight || !['stop', 'abort'].includes(answer.finishReason ?? '')) {
      this.wrong.push(`${question} was answered ${JSON.stringify(answer)}`);
    }
    this.#count(answer.finishReason ?? 'no end');
  }

  askOnce(model: string) {
    return this.generate(model, { keepAliveMs: this.#random() < 0.5 ? 0 : 20 });
  }

  lengthen(model: string) {
    return this.generate(model, { contextLength: 512 + 256 * Math.floor(this.#random() * 4) });
  }

  askLoaded(model: string) {
    return this.generate(model, { mustBeLoaded: true });
  }

  async abort(model: string) {
    const leaving = new AbortController();
    const answered = this.rig.ask({ ...asking(this.#question(model)), model }, leaving.signal);
    const left = sleep(Math.floor(this.#random() * 40)).then(() => leaving.abort(new Left()));
    await Promise.allSettled([answered, left]);
    await answered;
  }

  /** Asks, and leaves without ever looking at the answer. */
  async abandon(model: string) {
    const leaving = new AbortController();
    const stayMs = Math.floor(this.#random() * 20);
    if (this.#random() < 0.3) leaving.abort(new Left());
    await this.rig.generate({ ...asking(this.#question(model)), model }, leaving.signal);
    await sleep(stayMs);
    leaving.abort(new Left());
  }

  async leaveEarly(model: string) {
    const { events } = await this.rig.generate({ ...asking(this.#question(model)), model });
    for await (const _ of events) break;
  }

  async embed(model: string) {
    const leaving = new AbortController();
    const inputs = [this.#question(model), 'the quick fox', 'the quick fox'];
    if (this.#random() < 0.3) void sleep(10).then(() => leaving.abort(new Left()));
    const { vectors } = await this.rig.engine.embed({ model, inputs }, leaving.signal);
    const same = vectors[1]?.every((value, index) => value === vectors[2]?.[index]);
    this.#count('vectors');
    if (vectors.length !== 3 || !same) this.wrong.push('vectors of another text');
  }

  unload(model: string) {
    return this.rig.engine.unload(model);
  }

  unloadAll() {
    return this.rig.engine.unload();
  }

  /** Memory gets short, or there is enough again. */
  async memory() {
    this.#memory.bytes = this.#random() < 0.4 ? 1e6 : null;
    await sleep(30);
    this.#memory.bytes = null;
  }

  async crash() {
    const one = this.#random();
    const pids = await workers();
    const pid = pids[Math.floor(one * pids.length)];
    if (isAlive(pid)) process.kill(pid ?? 0, 'SIGKILL');
  }

  #question(model: string): string {
    this.#questions += 1;
    return `Say ${this.#questions} to ${model}, quick fox.`;
  }

  #judge(error: unknown): void {
    if (error instanceof Left) this.#count('left');
    else if (error instanceof ApplianceError && expectedCodes.has(error.code)) {
      this.#count(error.code);
    } else this.wrong.push(error instanceof Error ? `${error.stack}` : String(error));
  }

  #count(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  #oneOf<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

/** Worker processes of this one. */
async function workers(): Promise<number[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const pids = children.split(' ').filter(Boolean).map(Number);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => /rkllm\/worker/.test(lines[index] ?? ''));
}

describe('any order of things', () => {
  it.each(seeds)(
    'leaves nobody stuck, nothing behind and no answer astray (seed %i)',
    async (seed) => {
      const memory: { bytes: number | null } = { bytes: null };
      const random = randomFrom(seed);
      const rig = await Rig.start({
        library,
        models,
        parallel: 1 + (seed % 2),
        availableBytes: async () => memory.bytes,
        simulator: { RKLLM_SIM_DECODE_MS: '1', RKLLM_SIM_LOAD_MS: String(10 * (seed % 3)) },
      });
      await using _ = rig;
      const players = new Players(rig, random, memory);
      for (let step = 0; step < steps; step++) await players.step();
      await players.settled();
      expect({ wrong: players.wrong, story: players.wrong.length ? players.story : [] }).toEqual({
        wrong: [],
        story: [],
      });
      expect(rig.engine.queued()).toEqual([]);
      // Nobody is in the way of anybody any more.
      for (const model of names) {
        expect((await rig.ask({ ...asking('At last, fox.'), model })).text).toBe('At last, fox.');
      }
      await rig.engine.unload();
      expect(rig.engine.loaded()).toEqual([]);
      await expect.poll(workers).toEqual([]);
      // All domains are free again, so the lowest is taken next.
      await rig.engine.load('a');
      await rig.engine.load('b');
      await rig.engine.load('c');
      const domains = (await rig.calls('rkllm_init')).slice(-3).map(({ args }) => args['param']);
      expect(domains).toMatchObject(
        [1, 2, 3].map((base_domain_id) => ({ extend_param: { base_domain_id } })),
      );
      await rig.engine.stop();
      expect(await workers()).toEqual([]);
      if (replay !== undefined) console.log(players.story.join('\n'), players.outcomes);
    },
  );
});
