import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import {
  type InitParams,
  type LogRecord,
  ModelProcess,
  type Run,
  type RunEvent,
  type RunRequest,
} from '../../src/rkllm/index.ts';
import type { RuntimeVersion } from '../../src/rkllm/versions.ts';
import { initParams, nativeCalls, SimulatedBoard } from './simulated-board.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
/** A long answer in which every token can be told from its neighbours. */
export const thousand = Array.from({ length: 1000 }, (_, index) => `${index},`);
export const script: ModelFileSpec['script'] = [
  { when: 'endless', tokens: ['la '], finish: 'length-only' },
  { when: 'thousand', tokens: thousand, repeat: 20 },
  {
    when: 'split',
    tokens: [
      'a',
      utf8('你').subarray(0, 2),
      utf8('你').subarray(2),
      ...[...utf8('😀')].map((byte) => Uint8Array.of(byte)),
      'é',
      utf8('ß').subarray(0, 1),
      utf8('ß').subarray(1),
      Uint8Array.from([0x20, ...utf8('好').subarray(0, 1)]),
      utf8('好').subarray(1, 2),
      utf8('好').subarray(2),
      '.',
    ],
  },
  { when: 'broken', tokens: ['a', utf8('你').subarray(0, 2)] },
  { when: '', tokens: ['one', ' two', ' three'] },
];

export interface StartOptions {
  version?: RuntimeVersion;
  spec?: ModelFileSpec;
  params?: Partial<InitParams>;
  /** `RKLLM_SIM_` variables without that prefix. */
  simulate?: Record<string, string>;
  environment?: NodeJS.ProcessEnv;
  callLimitMs?: number;
}

/** Models in worker processes of their own, on simulators compiled for `versions`. */
export class Models {
  #board: SimulatedBoard | undefined;

  constructor(versions: readonly RuntimeVersion[]) {
    beforeAll(async () => {
      this.#board = await SimulatedBoard.create(versions);
    });
    afterAll(() => this.#board?.remove());
  }

  get board(): SimulatedBoard {
    if (!this.#board) throw new Error('the simulators are compiled before the tests');
    return this.#board;
  }

  /** A model process that has not been loaded; end it with `end`. */
  async prepare(options: StartOptions = {}) {
    const {
      version = '1.3.1',
      spec,
      params,
      simulate = {},
      environment = {},
      callLimitMs,
    } = options;
    const records: LogRecord[] = [];
    const path = await this.board.model({ script, ...spec });
    const calls = this.board.fresh('calls.jsonl');
    const model = new ModelProcess({
      library: { path: this.board.library(version), version, banner: null, simulator: true },
      params: initParams(path, params),
      log: (record) => records.push(record),
      ...(callLimitMs !== undefined && { callLimitMs }),
      environment: {
        PATH: process.env['PATH'],
        RKLLM_SIM_CALLS: calls,
        ...Object.fromEntries(
          Object.entries(simulate).map(([name, value]) => [`RKLLM_SIM_${name}`, value]),
        ),
        ...environment,
      },
    });
    const end = async () => {
      if (model.pid === null) return;
      model.kill();
      await model.exited;
    };
    return { model, records, end, received: (name: string) => nativeCalls(calls, name) };
  }

  /** Like `prepare`; it is gone when the test is. A concurrent test passes its own `finished`. */
  async create(options?: StartOptions, finished: typeof onTestFinished = onTestFinished) {
    const prepared = await this.prepare(options);
    finished(prepared.end);
    return prepared;
  }

  async load(options?: StartOptions, finished?: typeof onTestFinished) {
    const created = await this.create(options, finished);
    await created.model.load();
    return created;
  }
}

export function ask(text: string, more: Partial<RunRequest> = {}): RunRequest {
  return { input: { type: 'prompt', text }, options: {}, ...more };
}

type Finished = Extract<RunEvent, { type: 'finished' }>;

/** What a run gave, when it is over. */
export async function collect(run: Run, onEvent: (event: RunEvent) => void = () => {}) {
  const texts: string[] = [];
  const ids: number[] = [];
  const matrices: Extract<RunEvent, { type: 'matrix' }>[] = [];
  let finished: Finished | undefined;
  for await (const event of run.events) {
    expect(finished, 'nothing comes after the end').toBeUndefined();
    onEvent(event);
    if (event.type === 'tokens') {
      texts.push(...event.texts);
      ids.push(...event.ids);
    } else if (event.type === 'matrix') matrices.push(event);
    else finished = event;
  }
  await run.over;
  if (!finished) throw new Error('the run ended without a last event');
  return { text: texts.join(''), texts, ids, matrices, finished };
}

/** True until the process has ended; one that nobody has waited for counts as ended. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}
